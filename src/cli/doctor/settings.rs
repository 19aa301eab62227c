//! Weak settings.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Finding;
use crate::config::{Profile, Settings};

/// Iterations of PBKDF2 that new passwords should have.
const ITERATIONS: u32 = 100_000;
/// Characters that passwords should have.
const LENGTH: usize = 8;
/// Classes of characters of which passwords should have one.
const CLASSES: usize = 3;
/// Days that a token should live at most.
const DAYS: u64 = 366;

/// What is weak about settings.
pub(super) fn check(settings: &Settings) -> Vec<Finding> {
    let server = &settings.server;
    let public = server.public_url.as_deref();
    let is_reachable = !server.listen.ip().is_loopback() || public.is_some();
    let mut findings = Vec::new();
    let mut find = |is_so: bool, code, text: String, hint| {
        if is_so {
            findings.push(Finding { code, text, hint });
        }
    };
    find(
        is_reachable && settings.profile == Profile::Development,
        "DevelopmentProfile",
        "the server can be reached from elsewhere with the profile `development`".to_owned(),
        "set `profile = \"production\"`",
    );
    let is_plain = !server.listen.ip().is_loopback() && settings.tls.certificate.is_none();
    let plain_url = public.is_some_and(|url| url.starts_with("http://") && !is_here(url));
    find(
        is_plain || plain_url,
        "PlainHttp",
        "the server speaks plain HTTP beyond this machine".to_owned(),
        "set `tls.certificate` and `tls.key`; a proxy that speaks TLS asks on loopback, or over a network of its own",
    );
    for net in server.trusted_proxies.iter().filter(|net| is_wide(net)) {
        find(
            true,
            "WideProxies",
            format!("every host of `{net}` is believed as a trusted proxy"),
            "list the addresses of the proxies in `server.trusted_proxies`",
        );
    }
    find(
        server.cors_origins.iter().any(|origin| origin == "*"),
        "AnyOrigin",
        "pages of every origin may ask".to_owned(),
        "list the origins in `server.cors_origins`",
    );
    let password = &settings.password;
    find(
        password.min_length < LENGTH || password.require.len() < CLASSES,
        "WeakPasswords",
        format!("new passwords need less than {LENGTH} characters of {CLASSES} classes"),
        "raise `password.min_length` and `password.require`",
    );
    find(
        password.iterations < ITERATIONS,
        "FastHashes",
        format!(
            "passwords are hashed with {} iterations",
            password.iterations
        ),
        "set `password.iterations` to 210000 or more",
    );
    find(
        !password.rehash_on_login,
        "OldHashesStay",
        "weak hashes of passwords stay weak".to_owned(),
        "set `password.rehash_on_login = true`",
    );
    find(
        settings.lockout.max_failed == 0,
        "NoLockout",
        "wrong passwords lock nobody".to_owned(),
        "set `lockout.max_failed`",
    );
    let limits = &settings.limits;
    find(
        limits.sign_in_per_address == 0 || limits.sign_in_per_login == 0,
        "NoSignInLimits",
        "attempts to sign in are not limited".to_owned(),
        "set `limits.sign_in_per_address` and `limits.sign_in_per_login`",
    );
    let longest = settings.tokens.max_expiry.as_secs() / (24 * 60 * 60);
    find(
        longest > DAYS,
        "LongTokens",
        format!("reference tokens may live {longest} days"),
        "lower `tokens.max_expiry`",
    );
    for oidc in &settings.oidc {
        find(
            oidc.jwks.starts_with("http://") && !is_here(&oidc.jwks),
            "PlainIssuer",
            format!(
                "the keys of the issuer `{}` are read over plain HTTP",
                oidc.issuer
            ),
            "give `jwks` an address with `https://`, or a file",
        );
    }
    findings
}

/// Whether an address with `http://` is on this machine.
fn is_here(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether a network holds more than proxies: more than a private network has, or more than 256
/// addresses of everybody's.
fn is_wide(net: &IpNet) -> bool {
    match net {
        IpNet::V4(net) => {
            let address = net.network();
            let own = address.is_private() || address.is_loopback() || address.is_link_local();
            net.prefix_len() < if own { 8 } else { 24 }
        }
        IpNet::V6(net) => {
            let address = net.network();
            let own = address.is_unique_local() || address.is_unicast_link_local();
            net.prefix_len() < if own { 8 } else { 64 }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Sources, load};

    fn codes(flags: &[(&'static str, &str)]) -> Vec<&'static str> {
        let variables = flags.iter().map(|(key, value)| {
            let name = format!("USERDEX_{}", key.replace('.', "__").to_uppercase());
            (name, (*value).to_owned())
        });
        let settings = load(&Sources {
            environment: variables.collect(),
            ..Sources::default()
        });
        let found = check(&settings.unwrap());
        found.iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn each_weakness_has_its_code() {
        let fine = [
            ("profile", "production"),
            ("server.public_url", "https://users.example"),
            (
                "server.trusted_proxies",
                "[\"10.0.0.0/8\", \"::1\", \"203.0.113.7\"]",
            ),
        ];
        assert_eq!(codes(&fine), Vec::<&str>::new());
        assert_eq!(codes(&[]), Vec::<&str>::new());
        for (key, value, expected) in [
            ("profile", "development", "DevelopmentProfile"),
            ("server.public_url", "http://users.example", "PlainHttp"),
            ("server.listen", "0.0.0.0:80", "PlainHttp"),
            ("server.trusted_proxies", "[\"0.0.0.0/0\"]", "WideProxies"),
            (
                "server.trusted_proxies",
                "[\"203.0.0.0/16\"]",
                "WideProxies",
            ),
            ("server.trusted_proxies", "[\"::/0\"]", "WideProxies"),
            ("server.cors_origins", "[\"*\"]", "AnyOrigin"),
            ("password.min_length", "6", "WeakPasswords"),
            ("password.require", "[\"lower\"]", "WeakPasswords"),
            ("password.iterations", "1000", "FastHashes"),
            ("password.rehash_on_login", "false", "OldHashesStay"),
            ("lockout.max_failed", "0", "NoLockout"),
            ("limits.sign_in_per_login", "0", "NoSignInLimits"),
            ("limits.sign_in_per_address", "0", "NoSignInLimits"),
            ("tokens.max_expiry", "4000d", "LongTokens"),
        ] {
            let mut flags: Vec<_> = fine.into_iter().filter(|(k, _)| *k != key).collect();
            flags.push((key, value));
            assert_eq!(codes(&flags), [expected], "{key} {value}");
        }
        assert!(
            codes(&[
                ("server.public_url", "http://localhost:8080"),
                ("profile", "production")
            ])
            .is_empty()
        );
    }
}
