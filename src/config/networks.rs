//! Networks as people write them: `10.0.0.0/8`, `fd00::/8`, or one address.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de::Error};

/// Reads a network. Nothing for anything else, also where bits beside the network are set, which
/// is a slip more often than not.
pub(super) fn parse(text: &str) -> Option<IpNet> {
    match text.parse::<IpAddr>() {
        Ok(address) => Some(address.into()),
        Err(_) => text
            .parse()
            .ok()
            .filter(|net: &IpNet| net.addr() == net.network()),
    }
}

/// For `#[serde(deserialize_with = "…")]`.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(input)?;
    let networks = texts.iter().map(|text| parse(text));
    networks
        .collect::<Option<_>>()
        .ok_or_else(|| D::Error::custom("not a network"))
}
