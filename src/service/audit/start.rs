//! A server starts: noted with the names of the settings that are not what they were.

use std::collections::BTreeMap;

use super::Service;
use crate::access::Purpose;
use crate::audit::{Event, What};
use crate::diag::Result;
use crate::store::{AuditReads as _, Writer};
use crate::value::Timestamp;

/// The mark that says that a server has started before.
const MARK: &str = "audited start";
/// What a fingerprint of the ring is one of.
const CONTEXT: &str = "setting";

impl Service {
    /// Notes that a server of the database starts with some settings, by name and value; of the
    /// values only keyed fingerprints are kept. From now on old entries are removed. Blocks on the
    /// database.
    ///
    /// # Errors
    ///
    /// Faults of the database and of the ring of keys.
    pub fn start_audit(&self, settings: &BTreeMap<String, String>, now: Timestamp) -> Result<()> {
        let ring = self.ring()?;
        let prints = |name: &str, value: &str| {
            let bytes = format!("{name}\0{value}").into_bytes();
            ring.fingerprints(Purpose::Fingerprints, CONTEXT, &bytes, now)
        };
        let mut fresh = BTreeMap::new();
        for (name, value) in settings {
            // The newest key first.
            let print = prints(name, value).into_iter().next().unwrap_or_default();
            fresh.insert(name.clone(), print);
        }
        self.0.store.write(|writer: &mut Writer| {
            let kept = writer.audit_settings()?;
            let is_first = writer.mark(MARK, now)?;
            let same = |name: &String| match (settings.get(name), kept.get(name)) {
                (Some(value), Some(print)) => prints(name, value).contains(print),
                (_, _) => false,
            };
            let mut names: Vec<String> = settings.keys().chain(kept.keys()).cloned().collect();
            names.sort();
            names.dedup();
            names.retain(|name| !same(name));
            let started = Event::new(What::ServerStarted, self.itself())
                .with("version", env!("CARGO_PKG_VERSION"))
                .with("first", is_first);
            let mut events = vec![started];
            if !names.is_empty() {
                let event = Event::new(What::SettingsChanged, self.itself());
                events.push(event.with("settings", names));
            }
            writer.keep_audit_settings(&fresh)?;
            self.append(writer, &events, now)
        })?;
        if let Some(retention) = self.0.settings.audit.retention {
            self.0.audit.keep_for(retention);
        }
        Ok(())
    }
}
