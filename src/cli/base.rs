//! What commands share: settings, log, model, database.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use tracing_subscriber::EnvFilter;

use super::{Common, issuers};
use crate::access::{Class, Function, HasherOptions, Hashing, Md5, Policy, Slots};
use crate::config::{
    self, LogFormat, Md5Encoding, Prf, Settings, Sources, Synchronous, Top, given, load,
};
use crate::diag::{Code, Problem, Result};
use crate::model::{Fault, Model};
use crate::plan::QueryLimits;
use crate::service::{
    AuditSettings, EventSettings, Origin, PasswordSettings, ServiceSettings, SignInSettings,
    TokenSettings, TopSetting, TransactionSettings, WriteSettings,
};
use crate::store::{DatabaseUrl, Durability, Store, StoreOptions};
use crate::value::fold;

/// A flag of one command that sets a setting: flag, setting, value.
pub(super) type Flag = (&'static str, &'static str, String);

/// The settings, and what follows from them.
#[derive(Debug)]
pub(super) struct Base {
    pub(super) settings: Settings,
    /// The settings that are given, by name.
    pub(super) given: BTreeMap<String, String>,
}

/// Connections for reading beside those of reads: whoever signs in, or asks whether the service is
/// well, is answered while reads hold all others.
const BESIDE: u32 = 2;

impl Base {
    /// Reads the settings and starts the log.
    pub(super) fn new(common: &Common, flags: &[Flag]) -> Result<Self> {
        let mut all = flags.to_vec();
        if let Some(url) = &common.database_url {
            all.push(("--database-url", "database.url", url.clone()));
        }
        if let Some(folder) = &common.metadata {
            let folder = folder.display().to_string();
            all.push(("--metadata", "model.dir", folder));
        }
        let sources = Sources {
            file: common.config.as_deref(),
            environment: std::env::vars_os().filter_map(text_pair).collect(),
            flags: all,
        };
        let settings = load(&sources)?;
        start_log(&settings)?;
        Ok(Self {
            settings,
            given: given(&sources)?,
        })
    }

    /// The entity model.
    pub(super) fn model(&self) -> Result<Arc<Model>> {
        let model = match &self.settings.model.dir {
            None => Model::shipped(),
            Some(folder) => Model::load_dir(folder).map_err(|faults| {
                Fault::problem(faults)
                    .unwrap_or_else(|| Problem::new(Code::ModelFault, "the metadata is empty"))
            }),
        };
        model.map(Arc::new)
    }

    /// Which database.
    pub(super) fn database(&self) -> Result<DatabaseUrl> {
        self.settings.database.url.parse()
    }

    /// The database, where there is one already: opening a SQLite file that is not there makes it.
    pub(super) fn existing_store(&self) -> Result<Store> {
        self.existing(Some(self.settings.query.deadline))
    }

    /// The same for work that may take as long as it needs.
    pub(super) fn patient_store(&self) -> Result<Store> {
        self.existing(None)
    }

    fn existing(&self, deadline: Option<Duration>) -> Result<Store> {
        match self.database()? {
            DatabaseUrl::Sqlite(file) if !Path::new(&file).exists() => {
                let message = format!("there is no database file `{file}`");
                Err(Problem::new(Code::DatabaseFault, message)
                    .help("`userdex migrate` makes one, `userdex demo` fills it"))
            }
            DatabaseUrl::Sqlite(_) | DatabaseUrl::Postgres(_) => self.open(deadline),
        }
    }

    /// Whether there is a database: a server has one, a file may not be there yet.
    pub(super) fn is_there(&self) -> Result<bool> {
        Ok(match self.database()? {
            DatabaseUrl::Sqlite(file) => Path::new(&file).exists(),
            DatabaseUrl::Postgres(_) => true,
        })
    }

    /// The database, open but not migrated.
    pub(super) fn store(&self) -> Result<Store> {
        self.open(Some(self.settings.query.deadline))
    }

    fn open(&self, deadline: Option<Duration>) -> Result<Store> {
        let database = &self.settings.database;
        let options = StoreOptions {
            readers: self.readers().saturating_add(BESIDE),
            writers: database.writers,
            wait: database.busy_wait,
            deadline,
            durability: match database.synchronous {
                Synchronous::Full => Durability::PowerLoss,
                Synchronous::Normal => Durability::ProcessCrash,
            },
            ..StoreOptions::default()
        };
        Store::open(&self.database()?, &options)
    }

    /// Connections for reading: the setting, else two a processor core and at least four.
    pub(super) fn readers(&self) -> u32 {
        if self.settings.database.readers > 0 {
            return self.settings.database.readers;
        }
        let cores = available_parallelism().map_or(2, NonZero::get);
        u32::try_from(cores * 2).map_or(4, |readers| readers.max(4))
    }

    /// The service's part of the settings.
    pub(super) fn service_settings(&self) -> ServiceSettings {
        let query = &self.settings.query;
        ServiceSettings {
            limits: QueryLimits {
                max_top: query.max_top,
                list_items: query.list_items,
                filter_nodes: query.filter_nodes,
                expand_depth: query.expand_depth,
            },
            top: match query.top {
                Top::Auto => TopSetting::Auto,
                Top::Total => TopSetting::Total,
                Top::Page => TopSetting::Page,
            },
            strict_filters: query.strict_filters,
            truncate_datetime: query.truncate_datetime,
            cost_budget: query.cost_budget,
            writes: self.write_settings(),
            passwords: self.password_settings(),
            tokens: TokenSettings {
                default_expiry: self.settings.tokens.default_expiry,
                max_expiry: self.settings.tokens.max_expiry,
            },
            transactions: self.transaction_settings(),
            issuers: Arc::new(issuers::of(&self.settings.oidc)),
            sign_in: self.sign_in_settings(),
            events: self.events(),
            audit: AuditSettings {
                retention: self.settings.audit.retention,
            },
            ..ServiceSettings::default()
        }
    }

    /// The part of them that API transactions are held to.
    fn transaction_settings(&self) -> TransactionSettings {
        let settings = &self.settings.transactions;
        TransactionSettings {
            life: settings.life,
            wait: settings.wait,
            per_caller: settings.per_caller,
            max: settings.max,
            objects: settings.objects,
            bytes: settings.bytes,
        }
    }

    /// How events are delivered.
    fn events(&self) -> EventSettings {
        let events = &self.settings.events;
        EventSettings {
            heartbeat: events.heartbeat,
            retry: events.retry,
            queue: events.queue,
            stall: events.stall,
            per_caller: events.streams_per_caller,
            most: events.streams,
        }
    }

    /// The part of them that changes are made by.
    fn write_settings(&self) -> WriteSettings {
        let settings = &self.settings;
        WriteSettings {
            require_if_match: settings.server.require_if_match,
            replace_multilanguage: settings.compat.replace_multilanguage,
            hashing: Hashing {
                function: match settings.password.prf {
                    Prf::HmacSha256 => Function::Sha256,
                    Prf::HmacSha512 => Function::Sha512,
                },
                iterations: settings.password.iterations,
            },
            policy: self.password_policy(),
            track: settings.track.clone(),
            repeatable_for: settings.server.repeatable_for,
        }
    }

    /// How users sign in.
    fn sign_in_settings(&self) -> SignInSettings {
        let (lockout, session) = (&self.settings.lockout, &self.settings.session);
        let reserved = session.reserved_logins.iter();
        SignInSettings {
            max_failed: lockout.max_failed,
            locked_for: lockout.duration,
            sliding: session.sliding,
            absolute: session.absolute,
            absolute_service: session.absolute_service,
            slots: Slots {
                most: session.max,
                reserved: reserved.map(|login| fold(login)).collect(),
            },
            require_group_or_role: self.settings.users.require_group_or_role,
            max_age: self.settings.password.max_age,
            ..SignInSettings::default()
        }
    }

    /// What new passwords must be like.
    pub(super) fn password_policy(&self) -> Policy {
        let password = &self.settings.password;
        Policy {
            min_length: password.min_length,
            require: password.require.iter().copied().map(class).collect(),
        }
    }

    /// How passwords are checked.
    fn password_settings(&self) -> PasswordSettings {
        let password = &self.settings.password;
        PasswordSettings {
            md5: match (password.allow_md5_verify, password.md5_encoding) {
                (false, _) => Md5::Refused,
                (true, Md5Encoding::Utf8) => Md5::Utf8,
                (true, Md5Encoding::Utf16) => Md5::Utf16,
            },
            rehash: password.rehash_on_login,
            history: password.history,
            hasher: HasherOptions {
                threads: password.hashing_threads,
                queue: password.hashing_queue,
            },
        }
    }
}

/// Whoever runs a command, for the audit log: the user of the operating system, where the
/// environment names one.
pub(super) fn operator() -> Origin {
    let names = ["USER", "LOGNAME", "USERNAME"].into_iter();
    let name = names.filter_map(|name| std::env::var(name).ok()).next();
    Origin {
        operator: Some(name.unwrap_or_default().into()),
        ..Origin::default()
    }
}

/// The room's word for a class of characters.
fn class(class: config::Class) -> Class {
    match class {
        config::Class::Lower => Class::Lower,
        config::Class::Upper => Class::Upper,
        config::Class::Digit => Class::Digit,
        config::Class::Symbol => Class::Symbol,
    }
}

/// Variables that are not text cannot be settings.
fn text_pair((name, value): (std::ffi::OsString, std::ffi::OsString)) -> Option<(String, String)> {
    Some((name.into_string().ok()?, value.into_string().ok()?))
}

/// Log lines go to standard error, so that results can be piped.
fn start_log(settings: &Settings) -> Result<()> {
    let filter = EnvFilter::try_new(&settings.log.filter).map_err(|e| {
        Problem::new(
            Code::ConfigurationFault,
            format!("the setting `log.filter` cannot be read: {e}"),
        )
        .about("log.filter")
    })?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let started = match settings.log.format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    started.map_err(|e| Problem::new(Code::Internal, "the log cannot start").log(e.to_string()))
}
