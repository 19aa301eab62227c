//! Answers that come later: in the end they are what is given at once.

use std::sync::{Mutex, PoisonError};

use crate::answers::body;
use crate::run::Found;
use crate::stage::Stage;
use crate::support::http::{Answer, Request};
use crate::wire::{TRIES, WORKBOOK, Wire, alike, differ, see, sent};

/// Media types of answers that may come later.
const EXPORTS: &[&str] = &["text/csv", "application/x-ndjson", WORKBOOK];

/// How an answer that comes later is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Later {
    Monitor,
    Message,
    /// By the first request, which waits.
    Waited,
    Cancelled,
}

impl Wire {
    /// What is asked for later is in the end what is given at once.
    pub(crate) fn later(&self, stage: &Stage, way: Later) -> Result<Found, String> {
        // One caller has few of them at a time.
        static ONE: Mutex<()> = Mutex::new(());
        let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let targets = self.targets(stage);
        let plain = sent(&self.requests(stage, &targets, &[]));
        let first = alike(&plain)?;
        let media = plain[0].header("content-type").unwrap_or_default();
        let is_export = EXPORTS.iter().any(|export| media.starts_with(export));
        let mut prefer = vec!["respond-async"];
        if way == Later::Waited {
            prefer.push("wait=60");
        }
        prefer.extend(&self.idle);
        let promised = sent(&self.requests(stage, &targets, &prefer));
        let taken = self.taken(stage, way, (&plain[0], &first, is_export), &promised);
        if taken.is_err() {
            // What is left behind would be in the way of others.
            for (server, answer) in stage.servers().iter().zip(&promised) {
                if answer.status == 202 {
                    Request::new(*server, "DELETE", monitor_of(answer)).send();
                }
            }
        }
        taken
    }

    fn taken(
        &self,
        stage: &Stage,
        way: Later,
        (plain, first, is_export): (&Answer, &str, bool),
        promised: &[Answer],
    ) -> Result<Found, String> {
        // That there is nothing at an address only the database knows.
        if plain.status == 404 && promised.iter().all(|answer| answer.status == 202) {
            for (server, answer) in stage.servers().iter().zip(promised) {
                let end = ended(&Request::new(*server, "GET", monitor_of(answer)))?;
                let told = (end.header("asyncresult"), &end.json()["error"]["code"]);
                if told != (Some("404"), &plain.json()["error"]["code"]) {
                    return Err(format!("{end:?}\ninstead of\n{plain}"));
                }
            }
            return Ok(Found::Refused);
        }
        if plain.status != 200 || !is_export {
            see("answers at once in spite of the preference");
            differ("with `respond-async`", &alike(promised)?, first)?;
            return Ok(match plain.status {
                200 => Found::Rows,
                _ => Found::Refused,
            });
        }
        let media = plain.header("content-type").unwrap_or_default();
        let expected = body(&plain.body);
        for (number, answer) in promised.iter().enumerate() {
            if way == Later::Waited {
                see("answers that were waited for");
                let applied = answer.header("preference-applied").unwrap_or_default();
                if answer.status != 200 || !applied.contains("wait=60") {
                    return Err(format!("not waited for: {answer:?}"));
                }
                differ("waited for", &body(&answer.body), &expected)?;
                continue;
            }
            let monitor = monitor_of(answer);
            if answer.status != 202 || !monitor.contains("/$async/") || !answer.body.is_empty() {
                return Err(format!("not put off: {answer:?}"));
            }
            let server = stage.servers()[number];
            let watch = |method| Request::new(server, method, monitor);
            match way {
                Later::Monitor | Later::Waited => {
                    see("answers by a monitor");
                    let end = ended(&watch("GET").header("OData-MaxVersion", "4.01"))?;
                    let result = (end.status, end.header("asyncresult"));
                    let kind = end.header("content-type") == Some(media);
                    if result != (200, Some("200")) || !kind {
                        return Err(format!("{media}: {end:?}"));
                    }
                    differ("later", &body(&end.body), &expected)?;
                }
                Later::Message => {
                    see("answers as a message");
                    let end = ended(&watch("GET").header("Accept", "application/http"))?;
                    let split = end.body.windows(4).position(|w| w == b"\r\n\r\n");
                    let (head, rest) = end.body.split_at(split.unwrap_or_default());
                    let head = String::from_utf8_lossy(head).to_lowercase();
                    let names = head.contains(&format!("content-type: {media}").to_lowercase());
                    if !head.starts_with("http/1.1 200") || !names {
                        return Err(format!("{media}: {end:?}"));
                    }
                    differ("later", &body(&rest[4..]), &expected)?;
                }
                Later::Cancelled => {
                    see("answers that were cancelled");
                    watch("DELETE").expect(204);
                }
            }
            let again = watch("GET").send();
            if again.status != 404 {
                return Err(format!("it is still there: {again:?}"));
            }
        }
        Ok(Found::Rows)
    }
}

/// The target of the monitor that an answer names; nothing where it names none.
fn monitor_of(answer: &Answer) -> &str {
    let location = answer.header("location").unwrap_or_default();
    location
        .strip_prefix("http://localhost")
        .unwrap_or_default()
}

/// The answer of a monitor when the work is done.
fn ended(request: &Request) -> Result<Answer, String> {
    for _ in 0..TRIES {
        let answer = request.clone().prefer("wait=60").send();
        if answer.status != 202 {
            return Ok(answer);
        }
    }
    Err("the work does not end".to_owned())
}
