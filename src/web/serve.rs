//! Listening: plain HTTP or TLS from certificate files, until told to stop; requests under way are finished.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;

use super::{Workspace, application};

/// Certificate chain and key, PEM.
#[derive(Debug, Clone)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Why nothing could be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(
        "网页-1009 证书「{certificate}」或私钥「{key}」读不了:{reason}。两个文件都须是 PEM 格式,且互相匹配"
    )]
    Certificate {
        certificate: String,
        key: String,
        reason: String,
    },
    #[error("网页-1010 不能在 {address} 上监听:{reason}。请换一个端口,或停掉占用它的程序")]
    Listen { address: SocketAddr, reason: String },
}

/// Seconds that requests under way are given when the program stops.
const FINISH_SECONDS: u64 = 30;

/// A server that is listening.
pub struct Served {
    /// Where, with the port that was really taken.
    pub address: SocketAddr,
    running: tokio::task::JoinHandle<std::io::Result<()>>,
    handle: Handle<SocketAddr>,
}

impl Served {
    /// Serves until `stop` is done, then finishes what is under way.
    ///
    /// # Errors
    /// [`ServeError::Listen`] when the listener breaks down.
    pub async fn until(self, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
        let (address, mut running) = (self.address, self.running);
        let failed = |reason: String| ServeError::Listen { address, reason };
        let ended = tokio::select! {
            ended = &mut running => ended,
            () = stop => {
                let patience = Duration::from_secs(FINISH_SECONDS);
                self.handle.graceful_shutdown(Some(patience));
                running.await
            }
        };
        let ended = ended.map_err(|e| failed(e.to_string()))?;
        ended.map_err(|e| failed(e.to_string()))
    }
}

/// Begins to listen.
///
/// # Errors
/// [`ServeError`].
pub async fn serve(
    workspace: &Workspace,
    address: SocketAddr,
    tls: Option<&Tls>,
) -> Result<Served, ServeError> {
    super::handin::uploads::sweep();
    let listen = |e: std::io::Error| ServeError::Listen {
        address,
        reason: e.to_string(),
    };
    let listener = std::net::TcpListener::bind(address).map_err(listen)?;
    listener.set_nonblocking(true).map_err(listen)?;
    let taken = listener.local_addr().map_err(listen)?;
    tokio::spawn(super::street::keep_ready(workspace.clone()));
    let service = application(workspace).into_make_service_with_connect_info::<SocketAddr>();
    let handle = Handle::new();
    let running = match tls {
        None => {
            let server = axum_server::from_tcp(listener).map_err(listen)?;
            tokio::spawn(server.handle(handle.clone()).serve(service))
        }
        Some(tls) => {
            let config = certificate(tls).await?;
            let server = axum_server::from_tcp_rustls(listener, config).map_err(listen)?;
            tokio::spawn(server.handle(handle.clone()).serve(service))
        }
    };
    Ok(Served {
        address: taken,
        running,
        handle,
    })
}

async fn certificate(tls: &Tls) -> Result<RustlsConfig, ServeError> {
    // A second call finds the provider installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = RustlsConfig::from_pem_file(&tls.certificate, &tls.key).await;
    config.map_err(|e| ServeError::Certificate {
        certificate: tls.certificate.display().to_string(),
        key: tls.key.display().to_string(),
        reason: e.to_string(),
    })
}
