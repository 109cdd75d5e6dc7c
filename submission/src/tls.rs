//! Certificates: reads them again when their files change, and makes self-signed ones.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;

use crate::log::log;

/// The interval between checks of the files.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(2);

/// What is wrong with a certificate, and in which file.
#[derive(Debug)]
pub struct TlsError(String);

impl std::fmt::Display for TlsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TlsError {}

/// The files of one certificate.
#[derive(Clone, Debug)]
pub struct Files {
    /// The certificate with its intermediate certificates, in PEM.
    pub cert: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

/// The current certificate. New connections use it; open ones keep theirs.
#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Files {
    /// # Errors
    /// What is wrong with them.
    pub fn acceptor(self) -> Result<TlsAcceptor, TlsError> {
        let mut seen = self.content();
        let current = Arc::new(Current(RwLock::new(Arc::new(self.read()?))));
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&current) as Arc<dyn ResolvesServerCert>);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOKED_AT_EVERY).await;
                let content = self.content();
                if content == seen {
                    continue;
                }
                match self.read() {
                    Ok(key) => {
                        *current.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
                        log("info", "certificate-read", &[("file", &self.cert.display().to_string())]);
                    }
                    // Perhaps only one of the two files is written yet.
                    Err(error) => log("error", "certificate-unreadable", &[("detail", &error.to_string())]),
                }
                seen = content;
            }
        });
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Compared instead of times, because the files may be symbolic links.
    fn content(&self) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
        (fs::read(&self.cert).ok(), fs::read(&self.key).ok())
    }

    fn read(&self) -> Result<CertifiedKey, TlsError> {
        let wrong = |path: &Path, why: &dyn std::fmt::Display| TlsError(format!("{}: {why}", path.display()));
        let chain = CertificateDer::pem_file_iter(&self.cert).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let chain = chain.map_err(|error| wrong(&self.cert, &error))?;
        if chain.is_empty() {
            return Err(wrong(&self.cert, &"there is no certificate in it"));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|error| wrong(&self.key, &error))?;
        let key = CertifiedKey::from_der(chain, key, &ring::default_provider());
        key.map_err(|error| TlsError(format!("{} and {}: {error}", self.cert.display(), self.key.display())))
    }

    /// Makes a self-signed certificate if the files are missing, for tests and local use.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn make_where_missing(&self, name: &str) -> Result<(), TlsError> {
        if self.cert.exists() && self.key.exists() {
            return Ok(());
        }
        let names = [name, "localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let made = rcgen::generate_simple_self_signed(names)
            .map_err(|error| TlsError(format!("no certificate for {name}: {error}")))?;
        write(&self.key, &made.signing_key.serialize_pem(), 0o600)?;
        write(&self.cert, &made.cert.pem(), 0o644)
    }
}

fn write(path: &Path, text: &str, mode: u32) -> Result<(), TlsError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    folder
        .and_then(|()| fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path))
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| TlsError(format!("{}: {error}", path.display())))
}
