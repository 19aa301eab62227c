//! Refused requests: what somebody asked for and may not see or do; and exports.

use super::{Origin, Service, USERS};
use crate::audit::{Event, Outcome, What, Who, line};
use crate::diag::{Code, Problem, Result};
use crate::service::{Caller, PreparedRead, WriteRequest};
use crate::value::Timestamp;

/// The addresses of the caller's own row.
const ME: [&str; 2] = ["Me", "Ext.Me"];
/// Characters of what a refusal is about, at most.
const TARGET: usize = 128;

impl Service {
    /// Notes that a read was refused, where it was because of the caller's rights. `path` is the raw
    /// path below the service root. Asks no database.
    pub fn note_refused_read(
        &self,
        caller: &Caller,
        path: &str,
        problem: &Problem,
        now: Timestamp,
    ) {
        self.note_refusal(
            What::ReadRefused,
            self.who(caller, None),
            path,
            problem,
            now,
        );
    }

    /// The same for a change.
    pub(in crate::service) fn note_refused_change(
        &self,
        request: Option<&WriteRequest>,
        problem: &Problem,
    ) {
        let Some(request) = request else { return };
        let who = self.who(&request.caller, request.application.as_deref());
        let what = What::ChangeRefused;
        self.note_refusal(what, who, &request.path, problem, request.now);
    }

    fn note_refusal(&self, what: What, who: Who, path: &str, problem: &Problem, now: Timestamp) {
        let Some(refusal) = of_rights(problem) else {
            return;
        };
        let mut event = Event::new(what, who)
            .ended(Outcome::Refused)
            .with("code", refusal.word());
        // Only what the model names: an address may hold anything.
        let set = path.trim_start_matches('/').split(['/', '(', '?']).next();
        if let Some(entity) = set.and_then(|set| self.0.standard.set(set)) {
            event = event.on(&self.0.standard.table(entity).name, None);
        } else if set.is_some_and(|set| ME.contains(&set)) {
            let user = event.who.user;
            event = event.on(USERS, user);
        }
        if let Some(target) = refusal.target() {
            event = event.with("target", line(target, TARGET));
        }
        self.note(event, now);
    }

    /// Notes the end of an export.
    pub(in crate::service) fn note_export(
        &self,
        read: &PreparedRead,
        outcome: &Result<u64>,
        is_cut_off: bool,
    ) {
        let Some(exporter) = &read.exporter else {
            return;
        };
        let table = &self.0.standard.table(read.plan.shape.entity).name;
        let event = Event::new(What::Exported, exporter.who.clone())
            .on(table, None)
            .with("format", read.format.word());
        // The number of rows is counted beside: equal exports become one entry.
        let (event, rows) = match outcome {
            Ok(rows) if is_cut_off => {
                let event = event.ended(Outcome::Failed).with("code", "CutOff");
                (event.with("rows", 0), *rows)
            }
            Ok(rows) => (event.with("rows", 0), *rows),
            Err(problem) => {
                let event = event.ended(Outcome::Failed);
                (event.with("code", problem.word()), 0)
            }
        };
        self.0.audit.note(event, rows, Timestamp::now());
    }
}

/// Who has asked for an export.
#[derive(Debug, Clone)]
pub(in crate::service) struct Exporter {
    pub(super) who: Who,
}

impl Service {
    /// Who asks for an export, before it is known where from.
    pub(in crate::service) fn exporter(&self, caller: &Caller) -> Box<Exporter> {
        let who = self.who(caller, None);
        Box::new(Exporter { who })
    }
}

impl PreparedRead {
    /// Whether the answer is a file of all rows, whose end is noted.
    pub fn is_export(&self) -> bool {
        self.exporter.is_some()
    }

    /// Says where the request of an export comes from.
    pub fn came_from(&mut self, origin: &Origin) {
        if let Some(exporter) = &mut self.exporter {
            let who = &mut exporter.who;
            who.address = origin.address.map(|address| address.to_string());
            let program = origin.program.as_deref();
            who.application = who.application.take().or(program.map(str::to_owned));
        }
    }
}

/// The refusal because of rights among the problems of an answer.
fn of_rights(problem: &Problem) -> Option<&Problem> {
    let is_one = |p: &&Problem| matches!(p.code(), Code::Forbidden | Code::AttributeNotReadable);
    let mut all = std::iter::once(problem).chain(problem.details());
    all.find(is_one)
}
