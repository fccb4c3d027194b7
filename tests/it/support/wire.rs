//! Between the program and the services: a proxy, and TLS in front of a service.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

/// A proxy on loopback that forwards plain requests, refuses tunnels, and records the requests.
pub(crate) struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self { address: listener.local_addr().unwrap(), asked: Arc::default() };
        let asked = Arc::clone(&proxy.asked);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, asked) = (client.unwrap(), Arc::clone(&asked));
                // A client that disconnects ends only its own thread.
                std::thread::spawn(move || drop(serve(client, &asked)));
            }
        });
        proxy
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Heads of the first request of each connection so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(mut client: TcpStream, asked: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = client.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        head.extend_from_slice(&buffer[..count]);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    asked.lock().unwrap().push(text.clone());
    let Some((_, address)) = text.lines().next().and_then(|line| line.split_once("http://")) else {
        return client.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    };
    let mut server = TcpStream::connect(address.split('/').next().unwrap_or_default())?;
    server.write_all(&head)?;
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    std::thread::spawn(move || drop(std::io::copy(&mut from_client, &mut to_server)));
    std::io::copy(&mut server, &mut client).map(drop)
}

/// Services behind TLS, with certificates of an authority of our own.
pub(crate) struct Tls {
    authority: rcgen::Certificate,
    config: Arc<ServerConfig>,
    runtime: tokio::runtime::Runtime,
}

impl Tls {
    pub(crate) fn new() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut parameters = rcgen::CertificateParams::default();
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority = parameters.self_signed(&key).unwrap();
        let issuer = rcgen::Issuer::new(parameters, key);
        let key = rcgen::KeyPair::generate().unwrap();
        let leaf = rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = builder.with_no_client_auth().with_single_cert(vec![leaf.der().clone()], key).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        Self { authority, config: Arc::new(config), runtime }
    }

    /// The authority's certificate.
    pub(crate) fn pem(&self) -> String {
        self.authority.pem()
    }

    /// An https address in front of the service at `url`.
    pub(crate) fn before(&self, url: &str) -> String {
        let service = url.strip_prefix("http://").unwrap().to_owned();
        let acceptor = TlsAcceptor::from(Arc::clone(&self.config));
        let listener = self.runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        self.runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (acceptor, service) = (acceptor.clone(), service.clone());
                tokio::spawn(async move {
                    // Who does not trust the certificate hangs up here.
                    let mut client = acceptor.accept(client).await?;
                    let mut server = tokio::net::TcpStream::connect(service).await?;
                    tokio::io::copy_bidirectional(&mut client, &mut server).await
                });
            }
        });
        format!("https://{address}")
    }
}
