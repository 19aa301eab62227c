//! A server on a free loopback port, and requests to it.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::System;

use crate::http::server::listen;
use crate::http::{Backend, Options, Site, TransportSettings};

/// A running server; stopped when dropped.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    /// What requests sign in with, unless they say otherwise.
    pub(super) authorization: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

pub(in crate::http) fn options() -> Options {
    Options {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        workers: Some(1),
        url_limit: 2048,
        body_limit: 1024,
        batch_parts: 4,
        public_url: None,
        server_timing: false,
        reads: 2,
        writes: 2,
        exports: 2,
        later: crate::http::LaterSettings::default(),
        busy_wait: Duration::from_secs(5),
        stall: Duration::from_secs(5),
        body_time: Duration::from_secs(60),
        import_time: Duration::from_secs(600),
        transport: TransportSettings::default(),
        open_metrics: true,
    }
}

impl Server {
    pub(super) fn start(backend: Backend, options: Options) -> Self {
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            System::new().block_on(async {
                let openapi = r#"{"openapi":"3.1.0"}"#.to_owned();
                let site = Arc::new(Site::new(options, backend, openapi).unwrap());
                let (server, address) = listen(&site).unwrap();
                sender.send((server.handle(), address)).unwrap();
                server.await.unwrap();
            });
        });
        let (handle, address) = receiver.recv().unwrap();
        Self {
            address,
            handle,
            thread: Some(thread),
            authorization: None,
        }
    }

    /// Sends a request line and headers as they are; reads until the server closes.
    pub(super) fn raw(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(method, target, headers, b"")
    }

    /// The same with a body, whose length goes along unless a header speaks of it.
    pub(super) fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut request = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            request += "Host: localhost\r\n";
        }
        let says = headers.iter().any(|(name, _)| *name == "Authorization");
        if let Some(value) = self.authorization.as_ref().filter(|_| !says) {
            request += &format!("Authorization: {value}\r\n");
        }
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        let is_framed = |name: &str| matches!(name, "Content-Length" | "Transfer-Encoding");
        if !body.is_empty() && !headers.iter().any(|(name, _)| is_framed(name)) {
            request += &format!("Content-Length: {}\r\n", body.len());
        }
        let mut socket = TcpStream::connect(self.address).unwrap();
        socket
            .write_all(&[request.as_bytes(), b"\r\n", body].concat())
            .unwrap();
        let mut text = Vec::new();
        socket.read_to_end(&mut text).unwrap();
        Answer::read(&String::from_utf8(text).unwrap())
    }

    pub(super) fn get(&self, target: &str) -> Answer {
        self.raw("GET", target, &[])
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Resolves by itself; the thread ends when the server has stopped.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking());
        }
    }
}

impl Answer {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        Self {
            status: status.unwrap().parse().unwrap(),
            headers: lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: body.to_owned(),
        }
    }

    /// The only value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(given, _)| given == name);
        let first = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} is there twice");
        first
    }

    /// A member of the error object.
    pub(super) fn error(&self, member: &str) -> String {
        let body: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        let found = &body["error"][member];
        found
            .as_str()
            .map_or_else(|| found.to_string(), str::to_owned)
    }
}
