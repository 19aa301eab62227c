//! Walks without delta links, while objects change that their order is by.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use userdex::service::ODataVersion;

use super::{MEMBERS, Play};
use crate::read::key;
use crate::stage::same;
use crate::support::service::link;

/// Orders of members through references.
const ORDERS: &[&str] = &[
    "User/Login",
    "User/Login desc",
    "User/Email,User/Login desc",
    "User/Email desc",
];

impl Play<'_> {
    /// Reads members page by page in an order through a reference while objects change: every one that
    /// is there all the time is met, and none twice.
    pub(super) fn walk(&mut self) {
        let order = self.rng.choice(ORDERS).unwrap();
        let address = format!("{MEMBERS}?$select=Id&$orderby={order}");
        let (page, stage, since) = (self.rng.u64(3..40), self.stage, self.changes.len());
        let all = vec![address.clone(); stage.all.iter().count()];
        let read = |addresses: &[String], page| -> (Vec<String>, Vec<String>) {
            let replies = stage.ask(addresses, &Self::wishes(ODataVersion::V401, page, false));
            same(&replies).unwrap_or_else(|why| panic!("{address}\n{why}"));
            let bodies = replies.iter().map(|reply| reply.body().unwrap());
            let bodies: Vec<Json> = bodies.map(|b| serde_json::from_str(b).unwrap()).collect();
            let rows = bodies[0]["value"].as_array().unwrap().iter().map(key);
            let next = bodies.iter().filter_map(|body| link(body, "nextLink"));
            (rows.collect(), next.collect())
        };
        let before: BTreeSet<String> = read(&all, None).0.into_iter().collect();
        let (mut met, mut next) = read(&all, Some(page));
        while !next.is_empty() {
            for _ in 0..self.rng.usize(..3) {
                self.step();
            }
            let (rows, more) = read(&next, Some(page));
            met.extend(rows);
            next = more;
        }
        let after: BTreeSet<String> = read(&all, None).0.into_iter().collect();
        let once: BTreeSet<String> = met.iter().cloned().collect();
        let left_out: Vec<_> = before
            .intersection(&after)
            .filter(|id| !once.contains(*id))
            .collect();
        assert!(
            once.len() == met.len() && left_out.is_empty(),
            "{address} in pages of {page}: {} twice, without {left_out:?}\nof\n{}",
            met.len() - once.len(),
            self.changes[since..].join("\n")
        );
    }
}
