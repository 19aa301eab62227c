//! What proxies say about the client: `Forwarded` (RFC 7239) and `X-Forwarded-*`.
//!
//! Reads only; whether anybody is to be believed is decided by the caller.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::http::header::{HeaderMap, HeaderName};

use super::peer::is_host;

const FORWARDED: HeaderName = HeaderName::from_static("forwarded");
const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
/// Headers that only proxies send, and that say nothing of use here.
const SIGNS: [HeaderName; 2] = [
    HeaderName::from_static("via"),
    HeaderName::from_static("x-real-ip"),
];

/// What trusted proxies say about the client's side of the way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// The client's address.
    pub(super) client: Option<IpAddr>,
    /// Whether the client came by https.
    pub(super) https: Option<bool>,
    /// The host that the client asked for.
    pub(super) host: Option<String>,
}

/// Whether a request came by a proxy, or says so.
pub(super) fn is_present(headers: &HeaderMap) -> bool {
    let proxied = |name: &HeaderName| *name == FORWARDED || SIGNS.contains(name);
    headers
        .keys()
        .any(|name| proxied(name) || name.as_str().starts_with("x-forwarded"))
}

/// What the chain of proxies says, `is_trusted` deciding whom to believe: the client is the last
/// hop that is not trusted. Nothing where the headers cannot be read, or where both forms are there
/// and do not say the same: most proxies write one form and hand the other on as the client sent
/// it.
pub(super) fn told(headers: &HeaderMap, is_trusted: impl Fn(IpAddr) -> bool) -> Option<Told> {
    let standard = headers.contains_key(FORWARDED).then(|| standard(headers));
    let older = [FOR, PROTO, HOST];
    let older = older.iter().any(|name| headers.contains_key(name));
    let older = older.then(|| by_lists(headers));
    let choose = |hops: Option<Vec<Told>>| hops.map(|hops| client(hops, &is_trusted));
    match (standard.map(choose), older.map(choose)) {
        (Some(standard), Some(older)) => agreed(standard?, older?),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => Some(Told::default()),
    }
}

/// What both say, where neither contradicts the other.
fn agreed(one: Told, other: Told) -> Option<Told> {
    fn same<T: PartialEq>(one: Option<T>, other: Option<T>) -> Option<Option<T>> {
        match (one, other) {
            (Some(one), Some(other)) => (one == other).then_some(Some(one)),
            (one, other) => Some(one.or(other)),
        }
    }
    if one.client != other.client {
        return None;
    }
    Some(Told {
        client: one.client,
        https: same(one.https, other.https)?,
        host: same(one.host, other.host)?,
    })
}

/// Walks from the nearest hop to the farthest, as long as each is trusted to name the one before.
fn client(hops: Vec<Told>, is_trusted: impl Fn(IpAddr) -> bool) -> Told {
    let mut nearest = Told::default();
    for hop in hops.into_iter().rev() {
        match hop.client {
            Some(address) if is_trusted(address) => nearest = hop,
            Some(_) => return hop,
            // Hidden by its proxy: that proxy stands for it.
            None => {
                let client = nearest.client;
                return Told { client, ..hop };
            }
        }
    }
    nearest
}

/// The hops of `Forwarded`, the farthest first.
fn standard(headers: &HeaderMap) -> Option<Vec<Told>> {
    elements(&joined(headers, &FORWARDED)?)
}

/// The hops of `X-Forwarded-*`. Each proxy adds to the end of the lists, or says a value anew for
/// all: so lists are held against each other from their ends, and the first value of a shorter one
/// stands for what it lacks.
fn by_lists(headers: &HeaderMap) -> Option<Vec<Told>> {
    let [nodes, protos, hosts] = [&FOR, &PROTO, &HOST].map(|name| joined(headers, name));
    let (nodes, protos, hosts) = (nodes?, protos?, hosts?);
    let [nodes, protos, hosts] = [&nodes, &protos, &hosts].map(|text| list(text));
    let count = nodes.len().max(1);
    let hop = |from_end: usize| Told {
        client: nodes.get(from_end).and_then(|text| node(text)),
        https: aligned(&protos, from_end).map(is_https),
        host: aligned(&hosts, from_end).and_then(host),
    };
    Some((0..count).rev().map(hop).collect())
}

/// The items of a list, the last first.
fn list(text: &str) -> Vec<&str> {
    let items = text.rsplit(',').map(str::trim);
    items.filter(|item| !item.is_empty()).collect()
}

fn aligned<'a>(items: &[&'a str], from_end: usize) -> Option<&'a str> {
    items.get(from_end).or(items.last()).copied()
}

/// All lines of a header as one list; nothing for one that is no text.
fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let lines = headers.get_all(name).map(|line| line.to_str().ok());
    lines
        .collect::<Option<Vec<&str>>>()
        .map(|lines| lines.join(","))
}

fn is_https(proto: &str) -> bool {
    proto.eq_ignore_ascii_case("https") || proto.eq_ignore_ascii_case("wss")
}

fn host(text: &str) -> Option<String> {
    is_host(text).then(|| text.to_owned())
}

/// `node = nodename [ ":" node-port ]`; nothing for one that hides itself.
fn node(text: &str) -> Option<IpAddr> {
    let address = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0.parse().ok()?,
        None => text.parse::<IpAddr>().ok().or_else(|| {
            let (name, _) = text.split_once(':')?;
            name.parse::<Ipv4Addr>().ok().map(IpAddr::V4)
        })?,
    };
    Some(address.to_canonical())
}

/// `Forwarded = 1#forwarded-element`
fn elements(text: &str) -> Option<Vec<Told>> {
    let mut hops = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (hop, after) = element(rest)?;
        hops.extend(hop);
        rest = after.trim_start();
        if !rest.is_empty() {
            rest = rest.strip_prefix(',')?.trim_start();
        }
    }
    Some(hops)
}

/// `forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )`; nothing inside for an
/// empty one, which a list may hold.
fn element(text: &str) -> Option<(Option<Told>, &str)> {
    let (mut hop, mut seen, mut rest) = (Told::default(), Vec::new(), text);
    loop {
        rest = rest.trim_start();
        if !rest.starts_with([';', ',']) && !rest.is_empty() {
            let (name, value, after) = pair(rest)?;
            // RFC 7239, 4: each parameter occurs once.
            if seen.contains(&name) {
                return None;
            }
            match name.as_str() {
                "for" => hop.client = node(&value),
                "proto" => hop.https = Some(is_https(&value)),
                "host" => hop.host = host(&value),
                _ => {}
            }
            seen.push(name);
            rest = after.trim_start();
        }
        match rest.strip_prefix(';') {
            Some(after) => rest = after,
            None => return Some(((!seen.is_empty()).then_some(hop), rest)),
        }
    }
}

/// `forwarded-pair = token "=" value`, `value = token / quoted-string`; the name in lower case.
fn pair(text: &str) -> Option<(String, String, &str)> {
    let (name, rest) = token(text)?;
    let rest = rest.strip_prefix('=')?;
    let (value, rest) = match rest.strip_prefix('"') {
        Some(quoted) => unquote(quoted)?,
        None => token(rest).map(|(value, rest)| (value.to_owned(), rest))?,
    };
    Some((name.to_ascii_lowercase(), value, rest))
}

/// `token = 1*tchar` (RFC 9110, 5.6.2), and `:[]`, which many proxies leave without quotes.
fn token(text: &str) -> Option<(&str, &str)> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~:[]".contains(c);
    let end = text.find(|c| !is_token(c)).unwrap_or(text.len());
    text.split_at_checked(end)
        .filter(|(token, _)| !token.is_empty())
}

/// The rest of a `quoted-string` (RFC 9110, 5.6.4), and what follows it.
fn unquote(text: &str) -> Option<(String, &str)> {
    let (mut value, mut chars) = (String::new(), text.char_indices());
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return text.get(at + 1..).map(|rest| (value, rest)),
            '\\' => value.push(chars.next()?.1),
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests;
