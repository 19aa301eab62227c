//! Reads all layers, checks them, and makes the settings.

use std::collections::BTreeMap;
use std::path::Path;

use figment::Figment;
use figment::providers::Serialized;
use figment::value::Value;

use super::layer::{Layer, fault};
use super::table::SETTINGS;
use super::{Oidc, Settings};
use crate::diag::{Problem, Result};

/// Where settings come from, the weakest first.
#[derive(Debug, Default)]
pub struct Sources<'a> {
    /// The configuration file.
    pub file: Option<&'a Path>,
    /// Environment variables: names and values; foreign ones are ignored.
    pub environment: Vec<(String, String)>,
    /// Command line: the flag, the setting it sets, the value.
    pub flags: Vec<(&'static str, &'static str, String)>,
}

/// Reads and checks the settings. Unknown keys are faults, all reported at once.
///
/// # Errors
///
/// `ConfigurationFault`, with the file and line, the variable or the flag.
pub fn load(sources: &Sources<'_>) -> Result<Settings> {
    let layers = read_layers(sources)?;
    let unknown = layers.iter().flat_map(Layer::unknown_keys).collect();
    if let Some(problem) = Problem::all(unknown) {
        return Err(problem);
    }
    let settings: Settings = layers
        .iter()
        .fold(Figment::new(), |figment, layer| {
            figment.merge(Serialized::defaults(&layer.values))
        })
        .extract()
        .map_err(|error| refuse(&layers, &error.path))?;
    check_ranges(&layers, &settings)?;
    Ok(settings)
}

/// The settings that are given anywhere, by name, as JSON: what was not left at its default.
///
/// # Errors
///
/// As [`load`], for files that cannot be read.
pub fn given(sources: &Sources<'_>) -> Result<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    // Stronger layers come later.
    for layer in read_layers(sources)? {
        for (section, value) in &layer.values {
            match value.as_dict() {
                Some(keys) => all.extend(
                    keys.iter()
                        .map(|(key, value)| (format!("{section}.{key}"), text(value))),
                ),
                None => drop(all.insert(section.clone(), text(value))),
            }
        }
    }
    Ok(all)
}

fn text(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn read_layers(sources: &Sources<'_>) -> Result<Vec<Layer>> {
    let mut layers = Vec::new();
    if let Some(path) = sources.file {
        layers.push(Layer::file(path)?);
    }
    let variables = sources.environment.iter();
    layers.extend(variables.filter_map(|(name, value)| Layer::variable(name, value)));
    let flags = sources.flags.iter();
    layers.extend(flags.map(|(flag, key, value)| Layer::flag(flag, key, value)));
    Ok(layers)
}

/// What the types of the settings do not say. A setting may name one bad value only, so the first
/// fault is enough.
fn check_ranges(layers: &[Layer], settings: &Settings) -> Result<()> {
    let query = &settings.query;
    let public = settings.server.public_url.as_deref();
    let (tls, origins) = (&settings.tls, &settings.server.cors_origins);
    let checks = [
        ("query.max_top", query.max_top >= 1),
        ("query.expand_depth", query.expand_depth >= 1),
        ("query.list_items", query.list_items >= 1),
        ("query.filter_nodes", query.filter_nodes >= 1),
        ("query.deadline", !query.deadline.is_zero()),
        (
            "server.url_limit",
            (1024..=65_000).contains(&settings.server.url_limit),
        ),
        ("server.body_limit", settings.server.body_limit >= 1),
        ("server.batch_parts", settings.server.batch_parts >= 1),
        ("database.writers", settings.database.writers >= 1),
        (
            "password.iterations",
            (1..=10_000_000).contains(&settings.password.iterations),
        ),
        ("password.history", settings.password.history <= 24),
        (
            "password.allow_md5_write",
            !settings.password.allow_md5_write,
        ),
        (
            "password.hashing_queue",
            settings.password.hashing_queue >= 1,
        ),
        ("oidc", settings.oidc.iter().all(Oidc::fits)),
        ("server.public_url", public.is_none_or(is_origin)),
        (
            "server.cors_origins",
            origins
                .iter()
                .all(|origin| origin == "*" || is_origin(origin)),
        ),
        ("tls.key", tls.certificate.is_none() || tls.key.is_some()),
        (
            "tls.certificate",
            tls.key.is_none() || tls.certificate.is_some(),
        ),
        ("session.sliding", !settings.session.sliding.is_zero()),
        ("session.absolute", !settings.session.absolute.is_zero()),
        (
            "session.absolute_service",
            !settings.session.absolute_service.is_zero(),
        ),
        (
            "tokens.default_expiry",
            !settings.tokens.default_expiry.is_zero(),
        ),
        ("tokens.max_expiry", !settings.tokens.max_expiry.is_zero()),
        ("transactions.life", !settings.transactions.life.is_zero()),
        ("transactions.wait", !settings.transactions.wait.is_zero()),
        (
            "transactions.per_caller",
            settings.transactions.per_caller > 0,
        ),
        ("transactions.max", settings.transactions.max > 0),
        ("transactions.objects", settings.transactions.objects > 0),
        ("transactions.bytes", settings.transactions.bytes > 0),
        ("asynchronous.life", !settings.asynchronous.life.is_zero()),
        (
            "asynchronous.per_caller",
            settings.asynchronous.per_caller > 0,
        ),
        ("asynchronous.max", settings.asynchronous.max > 0),
        ("asynchronous.bytes", settings.asynchronous.bytes > 0),
        (
            "asynchronous.total_bytes",
            settings.asynchronous.total_bytes > 0,
        ),
        ("events.heartbeat", !settings.events.heartbeat.is_zero()),
        (
            "events.queue",
            (1..=65_536).contains(&settings.events.queue),
        ),
        (
            "events.streams_per_caller",
            settings.events.streams_per_caller > 0,
        ),
        ("events.streams", settings.events.streams > 0),
        ("server.workers", settings.server.workers <= MOST_WORKERS),
        ("server.stall", !settings.server.stall.is_zero()),
        ("server.body_time", !settings.server.body_time.is_zero()),
        ("server.import_time", !settings.server.import_time.is_zero()),
        ("model.revision", settings.model.revision == "source"),
    ];
    match checks.iter().find(|(_, fits)| !fits) {
        Some((key, _)) => {
            let path: Vec<String> = key.split('.').map(str::to_owned).collect();
            Err(refuse(layers, &path))
        }
        None => Ok(()),
    }
}

/// Threads that answer requests, as many as the web server takes.
const MOST_WORKERS: usize = 512;

/// Whether the text is `http(s)://host[:port]`, nothing more.
fn is_origin(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|host| {
        !host.is_empty()
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b))
    })
}

/// The value at `path` does not fit: says which, where it stands, and what would fit.
///
/// A fault inside of a list is one of the list.
fn refuse(layers: &[Layer], path: &[String]) -> Problem {
    let item = path
        .iter()
        .position(|part| part.bytes().all(|b| b.is_ascii_digit()));
    let path = path.get(..item.unwrap_or(path.len())).unwrap_or(path);
    let key = path.join(".");
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let found = layers
        .iter()
        .rev()
        .find_map(|layer| Some((layer.value(path)?, layer.place(&parts))));
    let problem = match found {
        Some((value, place)) => {
            let value = serde_json::to_string(value).unwrap_or_default();
            let value = value.trim_matches('"');
            fault(format!(
                "the setting `{key}` does not take `{value}` ({place})"
            ))
        }
        // A place in a list is there, or nothing would be wrong with it.
        None if key.split('.').any(|part| part.parse::<usize>().is_ok()) => {
            fault(format!("the setting `{key}` has a value that does not fit"))
        }
        None => fault(format!("the setting `{key}` is missing")),
    };
    let takes = SETTINGS.iter().find(|setting| setting.key == key);
    let problem = problem.about(key.as_str());
    match takes {
        Some(setting) => problem.help(format!("it takes {}", setting.takes)),
        None => problem,
    }
}
