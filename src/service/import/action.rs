//! The action `Import`: a document in, what became of each object out.

use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use serde_json::{Map, Value as Answer, json};

use super::{
    IMPORT_BATCH, Import, ImportAction, ImportDocument, ImportEnd, ImportFault, ImportItem,
    ImportTally, ImportTransaction, Imported, in_words,
};
use crate::bind;
use crate::diag::{Code, Problem, Result};
use crate::service::explain::refuse_explained_change;
use crate::service::prepare::form_of_record;
use crate::service::{
    Conditions, Flow, Format, ODataVersion, Preferences, Refusal, Return, Service, Verb,
    WriteAnswer, WriteRequest, write,
};
use crate::syntax;

/// Passwords in plain text that one document brings at most: hashing each is slow on purpose.
const MOST_PASSWORDS: usize = 100;
/// Objects that one transaction with passwords has at most: they wait in memory until all passwords
/// are hashed.
const MOST_BESIDE: usize = 10_000;
/// The name of the action, without its namespace and with it.
const NAMES: [&str; 2] = ["Import", "Erp.Import"];

impl Service {
    /// Answers a request for `Import`; nothing for any other. It has transactions of its own, so that
    /// it is no part of anybody else's.
    pub(in crate::service) fn import_asked(
        &self,
        requests: &[WriteRequest],
        stop: &AtomicBool,
    ) -> Option<Result<WriteAnswer, Refusal>> {
        let at = requests.iter().position(is_import)?;
        let refusal = |problem| Refusal {
            request: at,
            problem,
        };
        let [request] = requests else {
            let message = "`Import` has transactions of its own: it shares no change set";
            let problem = Problem::new(Code::InvalidBatch, message);
            return Some(Err(refusal(
                problem.help("send it as a request of its own"),
            )));
        };
        Some(self.import_document(request, stop).map_err(refusal))
    }

    fn import_document(&self, request: &WriteRequest, stop: &AtomicBool) -> Result<WriteAnswer> {
        if !request.caller.scopes().update {
            let message = "this sign-in allows no changes: it lacks the scope `update`";
            return Err(Problem::new(Code::Forbidden, message));
        }
        let parsed = syntax::parse_request(&request.path, &request.query, &self.0.settings.syntax)?;
        refuse_explained_change(&parsed, request.accept.as_deref())?;
        let model = self.model_of(&request.caller);
        let head = write::head(request, &request.path);
        let context = self.context(&head, &parsed);
        bind::target(&model, &parsed, &context, &request.caller.rights.read)?;
        if request.repeatability.is_some() {
            let message = "an import cannot be made repeatable";
            let problem = Problem::new(Code::NotSupported, message);
            return Err(problem
                .about("Repeatability-Request-ID")
                .help("objects with the action `merge` may be sent again"));
        }
        if request.transaction.is_some() {
            let message = "an import is no part of an API transaction: it saves what it does";
            let problem = Problem::new(Code::NotSupported, message);
            return Err(problem
                .about("TransactionId")
                .help("send it without `TransactionId`"));
        }
        if let Some(media) = request.content_type.as_deref()
            && !media
                .trim()
                .to_ascii_lowercase()
                .starts_with("application/json")
        {
            let message = "this address takes `application/json`";
            return Err(Problem::new(Code::UnsupportedMediaType, message).about("Content-Type"));
        }
        let format = form_of_record(&parsed, request.accept.as_deref())?;
        let document = ImportDocument::parse(&request.body)?;
        if document.passwords > MOST_PASSWORDS {
            let message = format!("one import brings more than {MOST_PASSWORDS} passwords");
            let problem = Problem::new(Code::LimitExceeded, message);
            return Err(problem.help("send fewer at once, or ready hashes"));
        }
        let is_whole = document.transaction == ImportTransaction::AllObjects;
        if is_whole && document.passwords > 0 && document.objects.len() > MOST_BESIDE {
            let message =
                format!("one transaction brings passwords and more than {MOST_BESIDE} objects");
            let problem = Problem::new(Code::LimitExceeded, message);
            return Err(problem.help("import the objects with passwords by themselves"));
        }
        let report = self.imported(request, &document, stop);
        Ok(answer(request, format, report))
    }

    /// Imports the objects of a document.
    fn imported(
        &self,
        request: &WriteRequest,
        document: &ImportDocument,
        stop: &AtomicBool,
    ) -> Report {
        let like = WriteRequest {
            verb: Verb::Post,
            accept: None,
            preferences: Preferences {
                answer: Some(Return::Minimal),
                ..request.preferences
            },
            conditions: Conditions::default(),
            ..request.clone()
        };
        let import = Import {
            transaction: document.transaction,
            action: ImportAction::CREATE,
            entity: None,
            is_rehearsal: false,
            batch: IMPORT_BATCH,
            reads_first: document.passwords > 0,
            like: &like,
            stop,
        };
        let mut all = Vec::with_capacity(document.objects.len());
        let source = |take: &mut dyn FnMut(ImportItem) -> Flow| {
            for (number, body) in document.objects.iter().enumerate() {
                let item = ImportItem {
                    place: format!("objects/{number}"),
                    body: Ok(body.clone()),
                };
                if take(item) == Flow::Stop {
                    break;
                }
            }
            Ok(())
        };
        match self.import(&import, source, &mut |imported| all.push(imported)) {
            Ok(ImportEnd::Through) => {}
            Ok(ImportEnd::Stopped) => {
                let message = "the import took too long";
                let problem = Problem::new(Code::ServiceUnavailable, message);
                broken(document, &mut all, problem.into());
            }
            Err(fault) => broken(document, &mut all, fault),
        }
        let mut tally = ImportTally::default();
        for imported in &all {
            tally.count(&imported.outcome);
        }
        tally.is_broken = tally.refused > 0 && tally.taken() == 0;
        self.note_import(&like, None, &tally);
        Report {
            level: document.logging,
            all,
            tally,
        }
    }
}

/// What became of the objects of a document.
struct Report {
    level: u8,
    all: Vec<Imported>,
    tally: ImportTally,
}

fn is_import(request: &WriteRequest) -> bool {
    let path = request.path.trim_matches('/');
    let path = path.strip_suffix("()").unwrap_or(path);
    request.verb == Verb::Post && NAMES.contains(&path)
}

/// Completes what became of the objects of an import that ended early.
fn broken(document: &ImportDocument, all: &mut Vec<Imported>, fault: ImportFault) {
    let ImportFault { place, problem } = fault;
    let is_whole = document.transaction == ImportTransaction::AllObjects;
    if is_whole {
        all.clear();
    }
    let because = match &place {
        Some(place) => format!("nothing was done with it, because of `{place}`"),
        None => format!("nothing was done with it: {}", problem.message()),
    };
    for number in all.len()..document.objects.len() {
        let this = format!("objects/{number}");
        let problem = if place.as_ref() == Some(&this) {
            problem.clone()
        } else {
            Problem::new(Code::FailedDependency, because.clone())
        };
        all.push(Imported {
            place: this,
            outcome: Err(problem),
        });
    }
}

/// The answer.
fn answer(request: &WriteRequest, format: Format, report: Report) -> WriteAnswer {
    let Report { level, all, tally } = report;
    let version = request.odata_version.unwrap_or(ODataVersion::V4);
    let control = version.control();
    let word = |is_good: bool| if is_good { "success" } else { "fail" };
    let (mut objects, mut log) = (Vec::with_capacity(all.len()), String::new());
    for Imported { place, outcome } in all {
        let mut object = Map::new();
        object.insert("@erpnet.result".to_owned(), json!(word(outcome.is_ok())));
        match outcome {
            Ok((state, address)) => {
                if level >= 2 {
                    let address = address.as_deref().unwrap_or("null");
                    log.push_str(&format!("{place}: {} {address}\n", state.word()));
                }
                object.insert(control.name("id"), json!(address));
                object.insert("@erpnet.message".to_owned(), Answer::Null);
                object.insert("@erpnet.state".to_owned(), json!(state.word()));
            }
            Err(problem) => {
                let code = problem.word();
                let text = in_words(&problem.inside(&place));
                if level >= 1 {
                    log.push_str(&format!("{place}: refused: {text}\n"));
                }
                object.insert(control.name("id"), Answer::Null);
                object.insert("@erpnet.message".to_owned(), json!(text));
                object.insert("@erpnet.state".to_owned(), Answer::Null);
                object.insert("@ext.code".to_owned(), json!(code));
            }
        }
        objects.push(Answer::Object(object));
    }
    let mut body = write::record(request, format, "Erp.ImportResult");
    body.insert("@erpnet.result".to_owned(), json!(word(tally.refused == 0)));
    body.insert("objects".to_owned(), Answer::Array(objects));
    if level >= 1 {
        log.push_str(&tally.to_string());
        body.insert("data-exchange".to_owned(), json!(log));
    }
    WriteAnswer {
        status: 200,
        content_type: Some(format.content_type()),
        odata_version: version.text(),
        body: Bytes::from(Answer::Object(body).to_string()),
        ..WriteAnswer::default()
    }
}
