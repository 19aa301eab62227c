//! The whole service over demonstration data, without a web server.

use std::sync::Arc;

use bytes::Bytes;
use tempfile::TempDir;
use userdex::demo;
use userdex::diag::{Problem, Result};
use userdex::model::Model;
use userdex::service::{
    Caller, Flow, Head, ODataVersion, Output, Prepared, PreparedRead, ReadPreferences, RequestHead,
    Service, ServiceSettings,
};
use userdex::store::Store;
use userdex::value::{Language, Timestamp};

/// The service root of all tests.
pub const ROOT: &str = "http://localhost/api/domain/odata/";

/// The same data in every kind of database that there is here.
pub struct Databases(Vec<Database>);

/// One database and the service over it.
pub struct Database {
    name: &'static str,
    pub service: Service,
    pub store: Store,
    pub model: Arc<Model>,
    _folder: Option<TempDir>,
}

/// What a request asks for beside its address.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wishes<'a> {
    pub version: Option<ODataVersion>,
    pub page: Option<u64>,
    pub preferences: ReadPreferences,
    pub accept: Option<&'a str>,
    /// Who asks; else the program itself.
    pub caller: Option<&'a Caller>,
}

/// A whole answer.
#[derive(Debug, Default)]
pub struct Answer {
    pub head: Option<Head>,
    pub body: String,
}

impl Output for Answer {
    fn head(&mut self, head: Head) -> Result<()> {
        assert!(self.head.is_none(), "one head only");
        self.head = Some(head);
        Ok(())
    }

    fn chunk(&mut self, chunk: Bytes) -> Result<Flow> {
        assert!(self.head.is_some(), "the head comes first");
        // Workbooks are no text.
        self.body.push_str(&String::from_utf8_lossy(&chunk));
        Ok(Flow::More)
    }
}

impl Databases {
    /// New databases with `users` demonstration users; PostgreSQL only where it is installed.
    pub fn with_demo(users: u64) -> Self {
        Self::with_settings(users, &ServiceSettings::default())
    }

    /// The same, with other settings of the service.
    pub fn with_settings(users: u64, settings: &ServiceSettings) -> Self {
        let model = Arc::new(Model::shipped().unwrap());
        let (folder, store) = super::sqlite();
        let mut all = vec![Database::new(
            "SQLite",
            &model,
            store,
            Some(folder),
            users,
            settings,
        )];
        if let Some(url) = super::postgres::database() {
            let store = Store::open(&url.parse().unwrap(), &super::patient()).unwrap();
            all.push(Database::new(
                "PostgreSQL",
                &model,
                store,
                None,
                users,
                settings,
            ));
        }
        Self(all)
    }

    /// Every database.
    pub fn iter(&self) -> impl Iterator<Item = &Database> {
        self.0.iter()
    }

    /// Both databases, where there are two.
    pub fn pair(&self) -> Option<(&Database, &Database)> {
        match self.0.as_slice() {
            [one, two] => Some((one, two)),
            _ => None,
        }
    }
}

impl Database {
    fn new(
        name: &'static str,
        model: &Arc<Model>,
        store: Store,
        folder: Option<TempDir>,
        users: u64,
        settings: &ServiceSettings,
    ) -> Self {
        demo::fill(&store, model, users, 42).unwrap();
        let service = Service::new(model.clone(), store.clone(), settings.clone()).unwrap();
        Self {
            name,
            service,
            store,
            model: model.clone(),
            _folder: folder,
        }
    }

    /// Which database it is, for messages.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The body of a GET of an encoded address below the service root, as the vendor's clients
    /// send it: without a version header.
    pub fn get(&self, address: &str) -> Result<String, Problem> {
        Ok(self.answer(address, None, None)?.body)
    }

    /// The bound read of an encoded address.
    pub fn read(&self, address: &str) -> Result<Box<PreparedRead>, Problem> {
        match self.prepare(address, &Wishes::default())? {
            Prepared::Read(read) => Ok(read),
            Prepared::Document(_) | Prepared::Call(_) => panic!("`{address}` reads no rows"),
        }
    }

    fn prepare(&self, address: &str, wishes: &Wishes<'_>) -> Result<Prepared, Problem> {
        let caller = wishes.caller.unwrap_or(Caller::system());
        let now = Timestamp::parse("2026-11-22T00:00:00Z").unwrap();
        self.service.prepare(&RequestHead {
            root: ROOT,
            accept: wishes.accept,
            odata_version: wishes.version,
            max_page_size: wishes.page,
            preferences: wishes.preferences,
            ..RequestHead::at(address, &Language::default(), caller, now)
        })
    }

    /// Head and body of a GET.
    pub fn answer(
        &self,
        address: &str,
        odata_version: Option<ODataVersion>,
        accept: Option<&str>,
    ) -> Result<Answer, Problem> {
        let wishes = Wishes {
            version: odata_version,
            accept,
            ..Wishes::default()
        };
        self.ask(address, &wishes)
    }

    /// The same, with all that may be asked for.
    pub fn ask(&self, address: &str, wishes: &Wishes<'_>) -> Result<Answer, Problem> {
        let mut answer = Answer::default();
        match self.prepare(address, wishes)? {
            Prepared::Document(document) => {
                answer.body = String::from_utf8(document.body.to_vec()).unwrap();
            }
            Prepared::Read(read) => self.service.run(&read, &mut answer)?,
            Prepared::Call(call) => self.service.answer(&call, &mut answer)?,
        }
        Ok(answer)
    }
}

/// An answer without what may differ: sealed tokens.
pub fn untokened(body: &str) -> String {
    let mut pieces = body.split("token=");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(['"', '&']).unwrap_or(piece.len());
        text.push_str("token=");
        text.push_str(&piece[end..]);
    }
    text
}

/// The address below the service root of a link in an answer.
pub fn link(answer: &serde_json::Value, name: &str) -> Option<String> {
    let link = ["@odata.", "@"].map(|prefix| answer.get(format!("{prefix}{name}")));
    let link = link.into_iter().flatten().next()?.as_str()?;
    Some(link.strip_prefix(ROOT)?.to_owned())
}

/// Percent-encodes all but unreserved characters.
pub fn encode(text: &str) -> String {
    escape(text, "-._~'()/,:*$@")
}

/// Percent-encodes what may not stand in an address, and leaves its structure.
pub fn encode_query(address: &str) -> String {
    escape(address, "-._~'()/,:*$@?&=;!+%")
}

fn escape(text: &str, kept: &str) -> String {
    text.bytes()
        .map(|byte| match char::from(byte) {
            c if c.is_ascii_alphanumeric() || kept.contains(c) => c.to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
