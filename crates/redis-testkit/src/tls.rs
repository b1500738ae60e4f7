//! What a server with a TLS port shows to its clients, and what it asks of them.

use std::fmt;
use std::fs;
use std::path::Path;

use crate::error::Error;

/// A server's TLS files in PEM: for [`ServerBuilder::tls`](crate::ServerBuilder::tls).
///
/// They can come from anywhere; with the feature `tls`, `CertificateAuthority` makes them.
/// `Debug` shows no key.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerTls {
    certificate_pem: String,
    key_pem: String,
    client_authority_pem: Option<String>,
}

impl ServerTls {
    /// A server that shows this certificate and asks its clients for none. Certificates between this
    /// one and its authority may follow it in the same text.
    pub fn new(certificate_pem: impl Into<String>, key_pem: impl Into<String>) -> Self {
        Self {
            certificate_pem: certificate_pem.into(),
            key_pem: key_pem.into(),
            client_authority_pem: None,
        }
    }

    /// Asks every client for a certificate that this authority has issued, and refuses it otherwise.
    #[must_use]
    pub fn require_client_certificate(mut self, authority_pem: impl Into<String>) -> Self {
        self.client_authority_pem = Some(authority_pem.into());
        self
    }

    /// Writes the files into `dir`; the lines of the configuration that name them, and `port`.
    pub(crate) fn install(
        &self,
        dir: &Path,
        port: u16,
    ) -> Result<Vec<(&'static str, String)>, Error> {
        let mut lines = vec![("tls-port", port.to_string())];
        let mut file = |directive, name: &str, pem: &str| {
            let path = dir.join(name);
            fs::write(&path, pem)
                .map_err(|error| Error::io(format!("cannot write {}", path.display()), error))?;
            lines.push((directive, path.to_string_lossy().into_owned()));
            Ok::<_, Error>(())
        };
        file("tls-cert-file", "server.crt", &self.certificate_pem)?;
        file("tls-key-file", "server.key", &self.key_pem)?;
        // A server starts with no TLS port unless it knows an authority, needed or not.
        let authority = self.client_authority_pem.as_ref();
        let authority = authority.unwrap_or(&self.certificate_pem);
        file("tls-ca-cert-file", "clients.crt", authority)?;
        let asks = match self.client_authority_pem {
            Some(_) => "yes",
            None => "no",
        };
        lines.push(("tls-auth-clients", asks.to_owned()));
        Ok(lines)
    }
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerTls")
            .field("asks_clients", &self.client_authority_pem.is_some())
            .finish_non_exhaustive()
    }
}
