//! TLS over a TCP socket, by rustls.

use std::{
    fmt, fs,
    io::{self, Read, Write},
    net::TcpStream,
    sync::{Arc, OnceLock},
    time::Duration,
};

use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error as TlsError,
    RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
};
use rustls_native_certs::{CertificateResult, load_native_certs};

use crate::{Deadline, Error, ErrorKind, Pem, Tls, Transport, transport::is_time_out};

/// What a client needs to encrypt its connections. Certificates are read once.
pub(crate) struct Encryption {
    options: Tls,
    config: OnceLock<Arc<ClientConfig>>,
}

impl Encryption {
    pub(crate) fn new(options: Tls) -> Self {
        Self {
            options,
            config: OnceLock::new(),
        }
    }

    /// Shakes hands with the server at the other end of `socket`.
    pub(crate) fn over(
        &self,
        socket: TcpStream,
        host: &str,
        deadline: Deadline,
    ) -> Result<Box<dyn Transport>, Error> {
        let config = match self.config.get() {
            Some(config) => Arc::clone(config),
            // A failure is not kept: the files may be there next time.
            None => Arc::clone(self.config.get_or_init({
                let config = client_config(&self.options)?;
                || config
            })),
        };
        let name = self.options.server_name.as_deref().unwrap_or(host);
        let name = ServerName::try_from(name.to_owned()).map_err(|error| {
            Error::new(
                ErrorKind::InvalidInput,
                format!("expected a host name or an IP address for TLS, found {name:?}"),
            )
            .with_source(error)
        })?;
        let session = ClientConnection::new(config, name).map_err(|error| {
            Error::new(ErrorKind::Connection, "TLS could not begin").with_source(error)
        })?;
        let mut stream = TlsStream { session, socket };
        stream.shake_hands(deadline)?;
        Ok(Box::new(stream))
    }
}

impl fmt::Debug for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.options.fmt(f)
    }
}

fn client_config(options: &Tls) -> Result<Arc<ClientConfig>, Error> {
    // The provider is named, so nothing depends on what the process has installed.
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable("the protocol versions", error))?;
    let builder = if options.verify {
        builder.with_root_certificates(roots(options)?)
    } else {
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(NoVerifier(provider)))
    };
    let config = match &options.identity {
        None => builder.with_no_client_auth(),
        Some((certificates, key)) => {
            let certificates = read_certificates(certificates)?;
            let key = PrivateKeyDer::from_pem_slice(&read(key)?)
                .map_err(|error| unusable("the client's key", error))?;
            builder
                .with_client_auth_cert(certificates, key)
                .map_err(|error| unusable("the client's certificate and key", error))?
        }
    };
    Ok(Arc::new(config))
}

fn roots(options: &Tls) -> Result<RootCertStore, Error> {
    let mut store = RootCertStore::empty();
    match &options.roots {
        Some(pem) => {
            for certificate in read_certificates(pem)? {
                store
                    .add(certificate)
                    .map_err(|error| unusable("a root certificate", error))?;
            }
        }
        None => return roots_of_system(load_native_certs()),
    }
    if store.is_empty() {
        return Err(no_roots());
    }
    Ok(store)
}

fn roots_of_system(mut found: CertificateResult) -> Result<RootCertStore, Error> {
    let mut store = RootCertStore::empty();
    // Systems keep a few that nobody can read among those that matter.
    store.add_parsable_certificates(found.certs);
    if store.is_empty() {
        return Err(match found.errors.pop() {
            // Most often a file that SSL_CERT_FILE or SSL_CERT_DIR names, and which is not there.
            Some(error) => no_roots().with_source(error),
            None => no_roots(),
        });
    }
    Ok(store)
}

fn no_roots() -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        "expected at least one root certificate, found none; install the system's (ca-certificates) or name a file",
    )
}

fn read_certificates(pem: &Pem) -> Result<Vec<CertificateDer<'static>>, Error> {
    CertificateDer::pem_slice_iter(&read(pem)?)
        .collect::<Result<_, _>>()
        .map_err(|error| unusable("a certificate", error))
}

fn read(pem: &Pem) -> Result<Vec<u8>, Error> {
    match pem {
        Pem::Bytes(bytes) => Ok(bytes.clone()),
        Pem::File(path) => {
            fs::read(path).map_err(|error| unusable(&format!("the file {}", path.display()), error))
        }
    }
}

fn unusable(what: &str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        format!("{what} cannot be used for TLS"),
    )
    .with_source(error)
}

/// How many reads, of some kilobytes each, it may take to find out that an idle server has nothing to say.
const MOST_READS: usize = 8;

struct TlsStream {
    session: ClientConnection,
    socket: TcpStream,
}

impl TlsStream {
    /// Each step is one read or write, so the deadline is looked at however slowly the server drips.
    fn shake_hands(&mut self, deadline: Deadline) -> Result<(), Error> {
        while self.session.is_handshaking() {
            let limit = deadline
                .left()
                .ok_or_else(|| deadline.missed("shaking hands for TLS"))?;
            let step = TcpStream::set_read_timeout(&self.socket, limit)
                .and_then(|()| TcpStream::set_write_timeout(&self.socket, limit))
                .and_then(|()| {
                    if self.session.wants_write() {
                        self.send()
                    } else {
                        self.receive().map(drop)
                    }
                });
            match step {
                Ok(()) => {}
                Err(error) if is_time_out(&error) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(refused(error)),
            }
        }
        Ok(())
    }

    /// One write to the socket of what is kept for it; interrupted if that was not all of it: whoever writes looks
    /// at the deadline and tries again.
    fn send(&mut self) -> io::Result<()> {
        if self.session.wants_write() && self.session.write_tls(&mut self.socket)? == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        if self.session.wants_write() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        Ok(())
    }

    /// One read from the socket; whether the peer has more to say.
    fn receive(&mut self) -> io::Result<bool> {
        let count = self.session.read_tls(&mut self.socket)?;
        if let Err(error) = self.session.process_new_packets() {
            // The server is told why, if it still listens.
            let _ = self.send();
            return Err(io::Error::new(io::ErrorKind::InvalidData, error));
        }
        if count == 0 && self.session.is_handshaking() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(count > 0)
    }
}

/// Why the server and we could not agree, in words for whoever set it up. What either side has against the other it
/// will have against it the next time.
fn refused(error: io::Error) -> Error {
    let source = error.get_ref().and_then(|source| source.downcast_ref());
    let (lasts, message) = match source {
        Some(TlsError::InvalidCertificate(reason)) => (true, unacceptable(reason)),
        Some(TlsError::InvalidMessage(_)) => (true, "the server does not speak TLS on this port"),
        None if error.kind() == io::ErrorKind::UnexpectedEof => (
            false,
            "the server closed the connection while shaking hands for TLS; perhaps it does not speak TLS on this port",
        ),
        _ => (
            matches!(
                source,
                Some(TlsError::AlertReceived(_) | TlsError::PeerIncompatible(_))
            ),
            "the server and this client could not agree on TLS",
        ),
    };
    let error = Error::new(ErrorKind::Connection, message).with_source(error);
    if lasts { error.lasting() } else { error }
}

fn unacceptable(reason: &CertificateError) -> &'static str {
    use CertificateError as Reason;
    match reason {
        Reason::Expired | Reason::ExpiredContext { .. } => {
            "the server's certificate has expired, or the clock here is fast"
        }
        Reason::NotValidYet | Reason::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet, or the clock here is slow"
        }
        Reason::NotValidForName | Reason::NotValidForNameContext { .. } => {
            "the server's certificate is for another name; `ssl_server_name` says which one to expect"
        }
        // The second is what an issuer of the same name with another key looks like.
        Reason::UnknownIssuer | Reason::BadSignature => {
            "nobody trusted vouches for the server's certificate; `ssl_ca_certs` names who should"
        }
        _ => "the server's certificate cannot be accepted",
    }
}

impl Read for TlsStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.session.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return result,
            }
            if !self.receive()? {
                return Ok(0);
            }
            // What has come is good though no more can be sent, which the next write or read meets again.
            let _ = self.send();
            if self.session.wants_read() {
                // Part of a record has come. The caller looks at its deadline and reads again.
                return Err(io::ErrorKind::Interrupted.into());
            }
        }
    }
}

impl Write for TlsStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // What is kept from before goes first: a failure then concerns bytes that were counted already.
        self.send()?;
        self.session.writer().write(bytes)
    }

    fn write_vectored(&mut self, slices: &[io::IoSlice<'_>]) -> io::Result<usize> {
        self.send()?;
        self.session.writer().write_vectored(slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}

impl Transport for TlsStream {
    fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        self.socket.set_nonblocking(nonblocking)
    }

    fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        self.socket.set_read_timeout(limit)
    }

    fn set_write_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        self.socket.set_write_timeout(limit)
    }

    /// Servers send session tickets of their own accord, so bytes on the socket alone mean nothing.
    fn is_quiet(&mut self) -> bool {
        if self.socket.set_nonblocking(true).is_err() {
            return false;
        }
        // Whoever goes on talking is not listened to for ever.
        let mut reads = (0..MOST_READS).map(|_| self.receive());
        let end = reads.find(|read| !matches!(read, Ok(true)));
        let quiet = end
            .is_some_and(|read| read.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock));
        let restored = self.socket.set_nonblocking(false);
        let nothing = self
            .session
            .process_new_packets()
            .is_ok_and(|state| state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed());
        restored.is_ok() && quiet && nothing
    }
}

/// Takes any certificate for what the user has said they do not want to know.
#[derive(Debug)]
struct NoVerifier(Arc<CryptoProvider>);

impl ServerCertVerifier for NoVerifier {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests;
