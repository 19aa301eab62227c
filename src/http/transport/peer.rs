//! Who is at the other end of a request.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use ipnet::IpNet;

use super::{TransportSettings, forwarded};

/// Who asks, and how the request came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// The address of the client; IPv4 in its own form.
    pub address: IpAddr,
    /// Whether nobody on the way can read the request, so that it may carry a password: it came by
    /// TLS, a trusted proxy says that it came so to it, or it never left this machine.
    pub secure: bool,
    /// Whether the client asks for `https://`.
    pub(in crate::http) https: bool,
    /// The host that the client asked for, where a trusted proxy names it.
    pub(in crate::http) host: Option<String>,
}

impl Peer {
    /// The other end of a request. What a proxy says is heard only from an address in
    /// `trusted_proxies`.
    pub fn of(request: &HttpRequest, settings: &TransportSettings) -> Self {
        // Every connection of ours has an address; a request without one is believed nothing.
        let nowhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let address = request.peer_addr().map_or(nowhere, |peer| peer.ip());
        let is_tls = request.app_config().secure();
        Self::seen(
            address,
            is_tls,
            request.headers(),
            &settings.trusted_proxies,
        )
    }

    fn seen(address: IpAddr, is_tls: bool, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        // An IPv4 client of an IPv6 socket.
        let address = address.to_canonical();
        let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
        let is_forwarded = forwarded::is_present(headers);
        if !is_forwarded || !is_trusted(address) {
            return Self {
                address,
                // A request on this machine that a proxy has touched may come from anywhere.
                secure: is_tls || (address.is_loopback() && !is_forwarded),
                https: is_tls,
                host: None,
            };
        }
        let Some(told) = forwarded::told(headers, is_trusted) else {
            return Self {
                address,
                secure: false,
                https: is_tls,
                host: None,
            };
        };
        Self {
            address: told.client.unwrap_or(address),
            // The proxy's word about the client's side: our own TLS reaches only to the proxy.
            secure: told.https == Some(true),
            https: told.https.unwrap_or(is_tls),
            host: told.host,
        }
    }

    /// `https` or `http`, as the client asked.
    pub(in crate::http) fn scheme(&self) -> &'static str {
        if self.https { "https" } else { "http" }
    }
}

/// Whether the text is a host and perhaps a port, and nothing that could end an address.
pub(in crate::http) fn is_host(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const CLIENT: &str = "203.0.113.7";

    /// Address of the peer, TLS, header lines; then the client, `secure`, `https`, the host.
    type Row<'a> = (
        &'a str,
        bool,
        &'a [(&'static str, &'a str)],
        (&'a str, bool, bool, Option<&'a str>),
    );

    #[test]
    fn only_trusted_proxies_are_heard() {
        let trusted: Vec<IpNet> = ["10.0.0.0/8", "127.0.0.1/32", "fd00::/8"]
            .map(|net| net.parse().unwrap())
            .to_vec();
        let full = [
            ("X-Forwarded-For", CLIENT),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Host", "a.example"),
        ];
        let forged = "for=203.0.113.7;proto=https;host=a.example";
        #[rustfmt::skip]
        let table: &[Row<'_>] = &[
            // Direct.
            (CLIENT, false, &[], (CLIENT, false, false, None)),
            (CLIENT, true, &[], (CLIENT, true, true, None)),
            ("127.0.0.1", false, &[], ("127.0.0.1", true, false, None)),
            ("::1", false, &[], ("::1", true, false, None)),
            ("::ffff:127.0.0.1", false, &[], ("127.0.0.1", true, false, None)),
            ("10.0.0.1", false, &[], ("10.0.0.1", false, false, None)),
            // Forged by anybody.
            ("198.51.100.1", false, &full, ("198.51.100.1", false, false, None)),
            ("198.51.100.1", true, &full, ("198.51.100.1", true, true, None)),
            ("198.51.100.1", false, &[("Forwarded", forged)], ("198.51.100.1", false, false, None)),
            // On this machine, but touched by a proxy that nobody trusts.
            ("127.0.0.2", false, &full, ("127.0.0.2", false, false, None)),
            ("::1", false, &[("Via", "1.1 squid")], ("::1", false, false, None)),
            ("::1", false, &[("X-Real-IP", "::1")], ("::1", false, false, None)),
            ("::1", false, &[("X-Forwarded-Port", "443")], ("::1", false, false, None)),
            // Trusted.
            ("10.0.0.1", false, &full, (CLIENT, true, true, Some("a.example"))),
            ("127.0.0.1", false, &full, (CLIENT, true, true, Some("a.example"))),
            ("::ffff:10.0.0.1", false, &full, (CLIENT, true, true, Some("a.example"))),
            ("10.0.0.1", false, &[("Forwarded", forged)], (CLIENT, true, true, Some("a.example"))),
            ("10.0.0.1", false, &[("X-Forwarded-For", CLIENT)], (CLIENT, false, false, None)),
            ("10.0.0.1", true, &[("X-Forwarded-For", CLIENT)], (CLIENT, false, true, None)),
            ("10.0.0.1", true, &[("X-Forwarded-Proto", "http")], ("10.0.0.1", false, false, None)),
            ("10.0.0.1", false, &[("X-Forwarded-Proto", "https")], ("10.0.0.1", true, true, None)),
            ("127.0.0.1", false, &[("X-Forwarded-For", "127.0.0.1")], ("127.0.0.1", false, false, None)),
            ("127.0.0.1", false, &[("Via", "1.1 x")], ("127.0.0.1", false, false, None)),
            // Both forms, of which the client may have sent one.
            ("10.0.0.1", false, &[full[0], full[1], ("Forwarded", "for=192.0.2.9;proto=https")], ("10.0.0.1", false, false, None)),
            ("10.0.0.1", false, &[("X-Forwarded-For", CLIENT), ("X-Forwarded-Proto", "http"), ("Forwarded", forged)], ("10.0.0.1", false, false, None)),
            ("10.0.0.1", false, &[full[0], full[1], ("Forwarded", forged)], (CLIENT, true, true, Some("a.example"))),
            ("10.0.0.1", false, &[full[0], full[1], ("Forwarded", "for=\"")], ("10.0.0.1", false, false, None)),
        ];
        for (address, is_tls, lines, expected) in table {
            let request = lines.iter().fold(TestRequest::default(), |request, line| {
                request.append_header(*line)
            });
            let request = request.to_http_request();
            let address = address.parse().unwrap();
            let found = Peer::seen(address, *is_tls, request.headers(), &trusted);
            let (client, secure, https, host) = *expected;
            let expected = Peer {
                address: client.parse().unwrap(),
                secure,
                https,
                host: host.map(str::to_owned),
            };
            assert_eq!(found, expected, "{address} {is_tls} {lines:?}");
        }
    }

    #[test]
    fn a_request_without_an_address_is_believed_nothing() {
        let request = TestRequest::default().to_http_request();
        let peer = Peer::of(&request, &TransportSettings::default());
        assert!(!peer.secure && !peer.address.is_loopback());
    }

    #[test]
    fn hosts_are_harmless() {
        for (text, fits) in [
            ("a.example:8443", true),
            ("[::1]:80", true),
            ("", false),
            ("a/b", false),
            ("a b", false),
            ("a\"", false),
            ("a@b", false),
            ("\u{e4}.example", false),
        ] {
            assert_eq!(is_host(text), fits, "{text}");
        }
        assert!(!is_host(&"a".repeat(256)));
    }
}
