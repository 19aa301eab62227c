//! The stories: what happens to a request from its text to its bytes.
//!
//! Knows every room and calls them in order: `syntax`, `bind`, `store`, `encode`. Must never know
//! a web server: requests come in and answers go out as plain data.

mod answer;
mod audit;
mod body;
mod call;
mod cost;
mod current;
mod delta;
mod documents;
mod events;
mod explain;
mod first;
mod import;
mod keys;
mod negotiate;
mod notices;
mod prepare;
mod read;
mod reader;
mod request;
mod rights;
mod sign_in;
#[cfg(test)]
mod tests;
mod tokens;
mod transactions;
mod write;

pub use crate::syntax::begins_path;
pub use audit::{AuditSettings, Exported, Origin, Recorder, Verified};
pub use rights::Caller;
pub use sign_in::{
    Attempt, Credential, Enrolled, FirstStart, Opened, Recalled, SignInSettings, own_request,
};
pub use tokens::{ClientFault, ClientRequest, ClientToken, TokenSettings};
pub use transactions::{News, TransactionSettings};

pub use answer::{Document, Head, Output, Timings};
pub use call::PreparedCall;
pub use documents::ModelEndpoint;
pub use events::{EventCounts, EventSettings, Listening, Queue, Renew, Subscription};
pub use explain::{ExplainedLook, ExplainedStatement, Explanation};
pub use import::{
    IMPORT_BATCH, Import, ImportAction, ImportDocument, ImportEnd, ImportFault, ImportItem,
    ImportTally, ImportTransaction, Imported, in_words,
};
pub use keys::Keys;
pub use negotiate::Format;
pub use notices::{Listener, Notice};
pub use request::{
    ODataVersion, PasswordSettings, ReadPreferences, RequestHead, ServiceSettings, TopSetting,
};

pub use write::{
    Conditions, ContentIds, Preferences, Refusal, Repeatability, Return, State, Tags, Verb,
    WriteAnswer, WriteRequest, WriteSettings,
};

pub use crate::access::{Identity, Imprint, Scopes, Way};
pub use crate::encode::Offers;
pub use crate::store::{Flow, TokenFacts};

use std::sync::Arc;

use bytes::Bytes;
use uuid::Uuid;

use crate::access::{Checking, Hasher, Issuers};
use crate::diag::{Code, Problem, Result};
use crate::model::Model;
use crate::plan::{ReadPlan, TokenKey};
use crate::store::{Overlaid, Session, Store};
use crate::value::Language;

/// What this version of the service offers.
pub fn offers() -> Offers {
    Offers::with(crate::methods::names())
}

/// The service over one model and one database. Clones share both; each knows where the requests
/// that it is for come from.
#[derive(Debug, Clone)]
pub struct Service(Arc<Parts>, Origin);

#[derive(Debug)]
struct Parts {
    /// The model as it is shipped, which the program itself works with. Whatever a caller's request
    /// is about is bound by [`Service::model_of`].
    standard: Arc<Model>,
    /// What is told of it.
    documents: documents::Cache,
    /// The model with the custom properties of this installation.
    current: current::Current,
    store: Store,
    settings: ServiceSettings,
    token_key: TokenKey,
    /// What the database is known by.
    database: Uuid,
    /// What reads cost, and what they may cost.
    costs: cost::Costs,
    /// How much of the changes of each entity is kept.
    levels: Vec<u8>,
    hasher: Hasher,
    callers: sign_in::Callers,
    keys: keys::Ring,
    audit: Recorder,
    transactions: transactions::Transactions,
    /// Who is told of notifications.
    listeners: notices::Listeners,
    /// Who is told of events.
    events: events::Hub,
}

/// A request that was understood.
#[derive(Debug)]
pub enum Prepared {
    /// The answer is ready.
    Document(Document),
    /// The database has to be read.
    Read(Box<PreparedRead>),
    /// A function has to be answered from the database.
    Call(Box<PreparedCall>),
}

/// A read that only needs a database.
#[derive(Debug)]
pub struct PreparedRead {
    /// What the plan was bound by.
    model: Arc<Model>,
    plan: Box<ReadPlan>,
    format: Format,
    root: String,
    path: String,
    query: String,
    language: Language,
    odata_version: ODataVersion,
    preference_applied: Option<String>,
    token_key: TokenKey,
    head_only: bool,
    timings: Timings,
    /// Who has asked, where the end of the answer is noted.
    exporter: Option<Box<audit::Exporter>>,
    /// The API transaction whose changes it sees.
    inside: Option<Arc<transactions::Entry>>,
    /// What it has to do with the history.
    trail: delta::Trail,
}

impl PreparedRead {
    /// The `Content-Type` header of the answer.
    fn content_type(&self) -> String {
        self.format.content_type()
    }
}

impl Service {
    /// A service over a database whose tables are up to date. Reads its key of skip tokens.
    ///
    /// # Errors
    ///
    /// Those of [`Store::token_key`]; `ConfigurationFault` for settings that do not fit the model.
    pub fn new(model: Arc<Model>, store: Store, settings: ServiceSettings) -> Result<Self> {
        let token_key = store.token_key()?;
        let database = store.database_id()?;
        let mut levels = settings.writes.levels(&model)?;
        events::keep_notifications(&model, &mut levels);
        check_providers(&model, &settings.issuers)?;
        let hasher = Hasher::start(settings.passwords.hasher)?;
        let transactions = transactions::Transactions::new(settings.transactions);
        let callers = sign_in::Callers::new(&random()?, settings.sign_in.fresh_for);
        let audit = Recorder::new(store.clone());
        let parts = Arc::new(Parts {
            current: current::Current::new(Arc::clone(&model)),
            standard: model,
            documents: documents::Cache::default(),
            costs: cost::Costs::new(settings.cost_budget),
            store,
            settings,
            token_key,
            database,
            levels,
            hasher,
            callers,
            keys: keys::Ring::default(),
            audit,
            transactions,
            listeners: notices::Listeners::default(),
            events: events::Hub::default(),
        });
        let service = Self(parts, Origin::default());
        service.newest_model(service.resets()?)?;
        Ok(service)
    }

    /// The threads that hash passwords.
    pub fn hasher(&self) -> &Hasher {
        &self.0.hasher
    }

    /// Other issuers whose tokens are taken.
    pub fn issuers(&self) -> &Issuers {
        &self.0.settings.issuers
    }

    /// How passwords are checked.
    pub fn checking(&self) -> Checking {
        Checking {
            hashing: self.0.settings.writes.hashing,
            md5: self.0.settings.passwords.md5,
        }
    }

    /// How many statements reads have run on the database since it was opened.
    pub fn statements(&self) -> u64 {
        self.0.store.statements()
    }

    /// Runs a read and feeds `out`. Blocks on the database.
    ///
    /// # Errors
    ///
    /// A problem before the head was sent becomes an error answer; after it, the connection has to
    /// be cut.
    pub fn run(&self, read: &PreparedRead, out: &mut impl Output) -> Result<()> {
        if read.format == Format::Plan {
            return self.answer_explained(read, out);
        }
        let mut watched = Watched {
            out,
            is_stopped: false,
        };
        let done = self.counted(read, &mut watched);
        self.note_export(read, &done, watched.is_stopped);
        done.map(drop)
    }

    /// Sees that a read costs no more than it may, as [`Service::run`] does when it begins: for whoever
    /// answers later, and refuses at once. Blocks on the database.
    ///
    /// # Errors
    ///
    /// `TooExpensive`; faults of the database.
    pub fn check_cost(&self, read: &PreparedRead) -> Result<()> {
        if self.0.costs.budget().is_none() {
            return Ok(());
        }
        let session = self.reading_session(read);
        let admitted = session.and_then(|mut session| self.afford(read, &mut session));
        admitted.inspect_err(|problem| self.note_export(read, &Err(problem.clone()), false))
    }

    /// What it offers, as its settings have it.
    fn offers(&self) -> Offers {
        offers().levels(self.0.settings.limits.expand_depth)
    }

    fn reading_session(&self, read: &PreparedRead) -> Result<Session> {
        if read.format.is_export() || self.0.settings.unpaged {
            self.0.store.patient_session()
        } else {
            self.0.store.session()
        }
    }

    /// Holds a read to the budget; delta links find out their statements, and are held to it, later.
    fn afford(&self, read: &PreparedRead, session: &mut Session) -> Result<()> {
        if read.plan.delta.is_some() {
            return Ok(());
        }
        self.0.costs.check(&read.model, session, &read.plan)
    }

    /// The same as [`Service::run`]; answers the number of rows of a collection.
    fn counted(&self, read: &PreparedRead, out: &mut impl Output) -> Result<u64> {
        let model = &*read.model;
        let _entered = tracing::debug_span!("store").entered();
        let mut session = self.reading_session(read)?;
        self.afford(read, &mut session)?;
        if let Some(entry) = &read.inside {
            let state = entry.state()?;
            return session.snapshot(|session| {
                let mut over = Overlaid::new(session, model, &state.overlay);
                let mut reader = reader::ModelReader::new(model, &mut over);
                read::answer(model, read, &mut reader, out)
            });
        }
        if read.trail != delta::Trail::Nothing {
            return session.snapshot(|session| self.along(read, session, out));
        }
        if !reader::needs_snapshot(&read.plan) {
            let mut reader = reader::ModelReader::new(model, &mut session);
            return read::answer(model, read, &mut reader, out);
        }
        session.snapshot(|session| {
            let mut reader = reader::ModelReader::new(model, session);
            read::answer(model, read, &mut reader, out)
        })
    }

    /// A read that has to do with the history, in one snapshot.
    fn along(
        &self,
        read: &PreparedRead,
        session: &mut Session,
        out: &mut impl Output,
    ) -> Result<u64> {
        let model = &*read.model;
        let history = delta::History::of(&self.0, model);
        if let delta::Trail::Delta(reading, since) = &read.trail {
            return delta::answer(history, read, (*reading, since), session, out);
        }
        let walked = delta::Walked::new(history, session, &read.plan, &read.trail)?;
        let mut reader = reader::ModelReader::new(model, session);
        read::answer_along(model, read, Some(&walked), &mut reader, out)
    }
}

/// Sees whether somebody listens until the end.
struct Watched<'o, O> {
    out: &'o mut O,
    is_stopped: bool,
}

impl<O: Output> Output for Watched<'_, O> {
    fn head(&mut self, head: Head) -> Result<()> {
        self.out.head(head)
    }

    fn chunk(&mut self, chunk: Bytes) -> Result<Flow> {
        let flow = self.out.chunk(chunk)?;
        self.is_stopped |= flow == Flow::Stop;
        Ok(flow)
    }

    fn is_wanted(&mut self) -> bool {
        self.is_stopped |= !self.out.is_wanted();
        !self.is_stopped
    }

    fn row(&mut self) {
        self.out.row();
    }
}

/// The repository that lists providers, and its attribute that names them.
const PROVIDERS: (&str, &str) = ("Systems.Security.DomainProviders", "ProviderName");

/// Sees that the model knows the providers of other issuers.
fn check_providers(model: &Model, issuers: &Issuers) -> Result<()> {
    let (repository, attribute) = PROVIDERS;
    let entity = model.repository(repository).map(|id| model.entity(id));
    let named = entity.and_then(|e| Some(e.attribute(e.attribute_named(attribute)?)));
    let providers = named.and_then(|a| Some(model.enumeration(a.enumeration?)));
    for name in issuers.providers() {
        if providers.is_none_or(|providers| providers.member(name).is_none()) {
            let message = format!("the model has no provider `{name}`");
            return Err(Problem::new(Code::ConfigurationFault, message).about("oidc"));
        }
    }
    Ok(())
}

/// Random bytes.
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(|e| {
        Problem::new(Code::Internal, "the system gives no random numbers").log(e.to_string())
    })?;
    Ok(bytes)
}
