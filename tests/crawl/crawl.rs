//! The crawl itself: asks as somebody, and looks at every byte that comes back.

use std::collections::{BTreeMap, BTreeSet};

use crate::callers::{Caller, Sees};
use crate::log;
use crate::needles::Needles;
use crate::secrets::{CONTROL, MARKER};
use crate::stage::Stage;
use crate::support::http::{Answer, Request};
use crate::support::server::{Kind, ODATA};
use crate::{reads, refused, routes, writes};

crate::on_both!(no_secret_leaves);

/// Somebody on their way through all addresses.
pub(crate) struct Walk<'s> {
    pub(crate) stage: &'s Stage,
    pub(crate) caller: &'s Caller,
    control: &'s Needles,
    /// How often each status was answered.
    pub(crate) statuses: BTreeMap<u16, usize>,
    /// The media types in which what is no secret was found.
    pub(crate) told: BTreeSet<String>,
    /// The targets of delta links.
    pub(crate) links: Vec<String>,
}

impl Walk<'_> {
    /// A request of an address of the host as this caller.
    pub(crate) fn at(&self, method: &str, target: &str) -> Request {
        self.caller.ask(&self.stage.server, method, target)
    }

    /// A request of an address below the service root, encoded where it has to be.
    pub(crate) fn odata(&self, method: &str, address: &str) -> Request {
        let address = crate::support::encode_query(address);
        self.at(method, &format!("{ODATA}{address}"))
    }

    /// Sends it, and sees that no secret comes back.
    pub(crate) fn send(&mut self, request: &Request) -> Answer {
        let answer = request.send();
        let needles = &self.stage.needles;
        let heads = answer
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"));
        let head = heads.collect::<Vec<_>>().join("\n");
        let found = needles
            .find(head.as_bytes())
            .or_else(|| needles.find_in(&answer.body));
        if let Some(found) = found {
            panic!(
                "{} is told {found}:\n{request:?}\n{head}\n{answer}",
                self.caller.name
            );
        }
        if self.control.find_in(&answer.body).is_some() {
            let media = answer.header("content-type").unwrap_or_default();
            let media = media.split(';').next().unwrap_or_default();
            self.told.insert(media.to_owned());
        }
        *self.statuses.entry(answer.status).or_default() += 1;
        answer
    }

    /// `GET` of an address below the service root.
    pub(crate) fn get(&mut self, address: &str) -> Answer {
        let request = self.odata("GET", address);
        self.send(&request)
    }
}

fn no_secret_leaves(kind: Kind) {
    log::keep();
    let stage = Stage::new(kind);
    let mut control = Needles::default();
    control.text("no secret", CONTROL);
    for caller in &stage.callers {
        let mut walk = Walk {
            stage: &stage,
            caller,
            control: &control,
            statuses: BTreeMap::new(),
            told: BTreeSet::new(),
            links: Vec::new(),
        };
        reads::all(&mut walk);
        refused::all(&mut walk);
        writes::all(&mut walk);
        reads::deltas(&mut walk);
        routes::all(&mut walk);
        all_was_there(&walk);
    }
    let log = log::kept();
    assert!(control.find(&log).is_some(), "the log is kept");
    if let Some(found) = stage.needles.find(&log) {
        let text = String::from_utf8_lossy(&log);
        let lines = text
            .lines()
            .filter(|line| line.to_lowercase().contains(&MARKER.to_lowercase()));
        let lines: Vec<&str> = lines.take(5).collect();
        panic!("{found} is logged: {}", lines.join("\n"));
    }
}

/// A crawl that is refused everywhere proves nothing.
fn all_was_there(walk: &Walk<'_>) {
    let told: Vec<&str> = walk.told.iter().map(String::as_str).collect();
    let every = [
        "application/http",
        "application/json",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/x-ndjson",
        "multipart/mixed",
        "text/csv",
        "text/plain",
    ];
    let statuses = |range: std::ops::Range<u16>| -> usize {
        walk.statuses.range(range).map(|(_, count)| count).sum()
    };
    let (answered, refused) = (statuses(200..300), statuses(400..500));
    match walk.caller.sees {
        Sees::Nothing => {
            assert!(told.is_empty(), "{told:?}");
            assert!(answered > 10 && refused > 500, "{:?}", walk.statuses);
        }
        Sees::Some => assert!(answered > 20 && refused > 500, "{:?}", walk.statuses),
        Sees::Most | Sees::All => {
            assert_eq!(told, every, "{}", walk.caller.name);
            assert!(answered > 500 && refused > 500, "{:?}", walk.statuses);
        }
    }
}
