//! Certificates for one test: an authority of its own, and what it issues.

use std::fmt;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

use crate::error::{Error, ErrorKind};
use crate::tls::ServerTls;

/// A certificate authority that nobody trusts unless told to: its key lives as long as this value.
///
/// ```
/// use redis_testkit::{CertificateAuthority, Server};
///
/// # if redis_testkit::ServerBinary::find().is_err() { return Ok(()); }
/// let authority = CertificateAuthority::new()?;
/// let certificate = authority.issue_for_server(&["localhost", "127.0.0.1"])?;
/// let server = Server::builder().tls(certificate.server_tls()).start()?;
/// println!("{} is to be trusted by {}", server.tls_url().unwrap(), authority.pem());
/// # Ok::<(), redis_testkit::Error>(())
/// ```
pub struct CertificateAuthority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate and its private key. `Debug` shows neither.
#[derive(Clone)]
pub struct Certificate {
    pem: String,
    key_pem: String,
}

impl CertificateAuthority {
    /// An authority with a new key.
    ///
    /// # Errors
    /// [`ErrorKind::Certificate`] when the system has no randomness to give.
    pub fn new() -> Result<Self, Error> {
        let mut params = params(&[], "an authority for tests")?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().map_err(not_made)?;
        let pem = params.self_signed(&key).map_err(not_made)?.pem();
        let issuer = Issuer::new(params, key);
        Ok(Self { issuer, pem })
    }

    /// The authority's own certificate, which a client has to trust.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// A server's certificate for these host names and IP addresses, valid now.
    ///
    /// # Errors
    /// [`ErrorKind::Certificate`] when a name is none.
    pub fn issue_for_server(&self, names: &[&str]) -> Result<Certificate, Error> {
        self.issue(names, ExtendedKeyUsagePurpose::ServerAuth, false)
    }

    /// The same, but out of date since the end of the year 2001.
    ///
    /// # Errors
    /// As for [`issue_for_server`](Self::issue_for_server).
    pub fn issue_expired(&self, names: &[&str]) -> Result<Certificate, Error> {
        self.issue(names, ExtendedKeyUsagePurpose::ServerAuth, true)
    }

    /// A client's certificate, with `name` as its subject's common name.
    ///
    /// # Errors
    /// As for [`issue_for_server`](Self::issue_for_server).
    pub fn issue_for_client(&self, name: &str) -> Result<Certificate, Error> {
        self.issue(&[name], ExtendedKeyUsagePurpose::ClientAuth, false)
    }

    fn issue(
        &self,
        names: &[&str],
        usage: ExtendedKeyUsagePurpose,
        is_expired: bool,
    ) -> Result<Certificate, Error> {
        let mut params = params(names, names.first().copied().unwrap_or("nobody"))?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        params.use_authority_key_identifier_extension = true;
        if is_expired {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2001, 12, 31);
        }
        let key = KeyPair::generate().map_err(not_made)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(not_made)?;
        Ok(Certificate {
            pem: certificate.pem(),
            key_pem: key.serialize_pem(),
        })
    }
}

impl Certificate {
    /// The certificate.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The private key, in PKCS #8.
    pub fn key_pem(&self) -> &str {
        &self.key_pem
    }

    /// A server that shows this certificate.
    pub fn server_tls(&self) -> ServerTls {
        ServerTls::new(&self.pem, &self.key_pem)
    }
}

impl fmt::Debug for CertificateAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateAuthority")
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").finish_non_exhaustive()
    }
}

fn params(names: &[&str], common_name: &str) -> Result<CertificateParams, Error> {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).map_err(not_made)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(2100, 1, 1);
    Ok(params)
}

fn not_made(error: rcgen::Error) -> Error {
    Error::new(
        ErrorKind::Certificate,
        format!("the certificate cannot be made: {error}"),
    )
}
