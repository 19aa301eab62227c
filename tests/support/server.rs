//! The whole program behind its web server, over a new database, in this process.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use userdex::access::{Hashing, Policy};
use userdex::http::{Backend, LaterSettings, Options, Site, TransportSettings, serve_until};
use userdex::model::Model;
use userdex::plan::{NewRow, WritePlan, WriteStep};
use userdex::service::{Service, ServiceSettings};
use userdex::store::{Store, StoreOptions};
use userdex::value::Value as Cell;
use uuid::Uuid;

use super::encode_query;
use super::http::{Answer, Request};

/// The path of the service root.
pub const ODATA: &str = "/api/domain/odata/";
/// The set that most tests write to.
pub const USERS: &str = "Systems_Security_Users";

/// Makes tests of functions that take a [`Kind`]: each name once in `sqlite`, once in `postgres`.
#[macro_export]
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            use $crate::support::server::Kind;
            $(#[test] fn $name() { super::$name(Kind::Sqlite); })*
        }
        mod postgres {
            use $crate::support::server::Kind;
            $(#[test] fn $name() { if Kind::has_postgres() { super::$name(Kind::Postgres); } })*
        }
    };
}

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// A running server; stopped when dropped.
pub struct Server {
    pub address: SocketAddr,
    /// The database, for tests that look into it by themselves.
    pub url: String,
    pub service: Service,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    pub store: Store,
    pub model: Arc<Model>,
    _folder: Option<TempDir>,
}

/// The model, read once for all tests of a program.
pub fn model() -> Arc<Model> {
    static MODEL: OnceLock<Arc<Model>> = OnceLock::new();
    let model = MODEL.get_or_init(|| Arc::new(Model::shipped().unwrap()));
    Arc::clone(model)
}

/// The usual settings, with passwords that are hashed at once.
pub fn settings() -> ServiceSettings {
    let mut settings = ServiceSettings::default();
    settings.writes.hashing = Hashing {
        iterations: 1,
        ..Hashing::default()
    };
    settings.writes.policy = Policy::none();
    // Each request looks its caller up, so that the number of statements hangs on no clock.
    settings.sign_in.fresh_for = Duration::ZERO;
    settings
}

/// How test servers listen.
pub fn options() -> Options {
    Options {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        workers: Some(1),
        url_limit: 16 * 1024,
        body_limit: 1024 * 1024,
        batch_parts: 100,
        public_url: None,
        server_timing: false,
        reads: 4,
        writes: 4,
        exports: 0,
        later: LaterSettings::default(),
        busy_wait: Duration::from_secs(30),
        stall: Duration::from_secs(10),
        body_time: Duration::from_secs(60),
        import_time: Duration::from_secs(600),
        transport: TransportSettings::default(),
        open_metrics: true,
    }
}

impl Kind {
    /// Whether there is a PostgreSQL here; its absence is said loudly.
    pub fn has_postgres() -> bool {
        super::postgres::is_there()
    }

    /// A new, empty database.
    pub fn store(self) -> (Store, Option<TempDir>) {
        let (_, store, folder) = self.database();
        (store, folder)
    }

    fn database(self) -> (String, Store, Option<TempDir>) {
        match self {
            Self::Sqlite => {
                let (folder, store) = super::sqlite();
                let url = format!("sqlite:{}", folder.path().join("test.db").display());
                (url, store, Some(folder))
            }
            Self::Postgres => {
                let url = super::postgres::database().unwrap();
                let store = Store::open(&url.parse().unwrap(), &super::patient());
                (url, store.unwrap(), None)
            }
        }
    }

    /// A server over a new, empty database.
    pub fn server(self) -> Server {
        self.server_with(settings())
    }

    /// The same with other settings.
    pub fn server_with(self, settings: ServiceSettings) -> Server {
        self.start(settings, options()).unwrap()
    }

    /// The same over made-up users; the database has looked at how many there are.
    pub fn server_of(self, users: u64, settings: ServiceSettings) -> Server {
        let (url, store, folder) = self.database();
        userdex::demo::fill(&store, &model(), users, 42).unwrap();
        store.writer().unwrap().analyze().unwrap();
        over((url, store, folder), settings, options(), "{}".to_owned()).unwrap()
    }

    /// The same with all there is to set; the problem of a service that does not start.
    pub fn start(
        self,
        settings: ServiceSettings,
        options: Options,
    ) -> userdex::diag::Result<Server> {
        self.start_with(settings, options, "{}".to_owned())
    }

    /// The same over a store with options of its own.
    pub fn start_over(
        self,
        store: &StoreOptions,
        settings: ServiceSettings,
        options: Options,
    ) -> Server {
        let (url, usual, folder) = self.database();
        drop(usual);
        let store = Store::open(&url.parse().unwrap(), store).unwrap();
        over((url, store, folder), settings, options, "{}".to_owned()).unwrap()
    }

    /// The same with an OpenAPI document.
    pub fn start_with(
        self,
        settings: ServiceSettings,
        options: Options,
        openapi: String,
    ) -> userdex::diag::Result<Server> {
        let (url, store, folder) = self.database();
        over((url, store, folder), settings, options, openapi)
    }
}

/// A server over a database.
fn over(
    (url, store, folder): (String, Store, Option<TempDir>),
    settings: ServiceSettings,
    options: Options,
    openapi: String,
) -> userdex::diag::Result<Server> {
    let model = model();
    let service = Service::new(Arc::clone(&model), store.clone(), settings)?;
    let backend = Backend::default();
    let pinged = store.clone();
    backend.open(service.clone(), move || pinged.ping());
    let site = Site::new(options, backend, openapi)?;
    let (sender, listening) = mpsc::channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = std::thread::spawn(move || {
        let until = async {
            let _ = stopped.await;
        };
        serve_until(site, |address| sender.send(address).unwrap(), until).unwrap();
    });
    let address = listening.recv().unwrap();
    super::tester::sign_in(address, &service, &store, &model);
    Ok(Server {
        address,
        url,
        service,
        stop: Some(stop),
        thread: Some(thread),
        store,
        model,
        _folder: folder,
    })
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking());
        }
    }
}

impl Server {
    /// Another server over the same database, which shares nothing else with this one.
    pub fn beside(&self, settings: ServiceSettings) -> Self {
        self.beside_over(&super::patient(), settings)
    }

    /// The same over a store with options of its own.
    pub fn beside_over(&self, store: &StoreOptions, settings: ServiceSettings) -> Self {
        let store = Store::open(&self.url.parse().unwrap(), store).unwrap();
        let database = (self.url.clone(), store, None);
        over(database, settings, options(), "{}".to_owned()).unwrap()
    }

    /// A request of an address below the service root, encoded where it has to be.
    pub fn ask(&self, method: &str, address: &str) -> Request {
        let target = format!("{ODATA}{}", encode_query(address));
        Request::new(self.address, method, &target)
    }

    /// A request with a body of JSON.
    pub fn with(&self, method: &str, address: &str, body: &Value) -> Request {
        self.ask(method, address).json(body)
    }

    pub fn post(&self, address: &str, body: &Value) -> Request {
        self.with("POST", address, body)
    }

    pub fn patch(&self, address: &str, body: &Value) -> Request {
        self.with("PATCH", address, body)
    }

    pub fn put(&self, address: &str, body: &Value) -> Request {
        self.with("PUT", address, body)
    }

    pub fn delete(&self, address: &str) -> Request {
        self.ask("DELETE", address)
    }

    /// The JSON at an address, which must be there.
    pub fn get(&self, address: &str) -> Value {
        self.ask("GET", address).expect(200).json()
    }

    /// The value of a property, which answers may have to be asked for.
    pub fn stored(&self, address: &str, name: &str) -> Value {
        self.get(&format!("{address}?$select={name}"))[name].clone()
    }

    /// The rows at an address.
    pub fn rows(&self, address: &str) -> Vec<Value> {
        let body = self.get(address);
        body["value"].as_array().expect("a collection").clone()
    }

    /// The number of objects of a set, or of those that a filter takes. Among all users, the tester
    /// does not count.
    pub fn count(&self, address: &str) -> u64 {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let answer = self.ask("GET", &format!("{path}/$count?{query}"));
        let count: u64 = answer.expect(200).text().parse().unwrap();
        count - u64::from(address == USERS)
    }

    /// Creates an object; its address.
    pub fn create(&self, set: &str, body: &Value) -> String {
        let answer = self.post(set, body).expect(201);
        format!("{set}({})", answer.id())
    }

    /// Creates an ordinary user; the address.
    pub fn user(&self, login: &str) -> String {
        self.create(USERS, &user(login))
    }

    /// Creates a user who needs nothing else, of a type with more facts; the address.
    pub fn user_with(&self, login: &str, more: Value) -> String {
        self.create(USERS, &merged(user(login), more))
    }

    /// Puts a group into the database, of a type that clients cannot give it; the address.
    pub fn group(&self, code: &str) -> String {
        let id = self.model.set("Systems_Security_Groups").unwrap();
        let key = Uuid::now_v7();
        let name = format!("{{\"EN\":\"{key}\"}}");
        let text = |text: &str| Cell::Text(text.to_owned());
        let names = ["Group_Id", "Group_Name", "Group_Name_folded", "Group_Type"];
        let given = vec![Cell::Guid(key), text(&name), text(&name), text(code)];
        let table = self.model.table(id);
        let (columns, rows) = super::users::with_defaults(table, &names, &[given]);
        let rows = rows.into_iter().map(|values| NewRow {
            values,
            path: String::new(),
            request: 0,
        });
        let step = WriteStep::Insert {
            table: id,
            columns,
            rows: rows.collect(),
        };
        let plan = WritePlan { steps: vec![step] };
        self.store.write(|w| w.run(&self.model, &plan)).unwrap();
        format!("Systems_Security_Groups({key})")
    }

    /// Sends a change that must work and has no body in its answer.
    pub fn change(&self, address: &str, body: &Value) -> Answer {
        self.patch(address, body).expect(204)
    }
}

/// The payload of an ordinary user.
pub fn user(login: &str) -> Value {
    json!({"Login": login, "Name": {"EN": login}, "@ext.initialPassword": "correct horse"})
}

/// The payload of a user without password.
pub fn virtual_user(login: &str) -> Value {
    json!({"Login": login, "Name": {"EN": login}, "UserType": "VirtualUserNoLogin"})
}

/// An object with more members; null stays.
pub fn merged(mut base: Value, more: Value) -> Value {
    let (Value::Object(members), Value::Object(more)) = (&mut base, more) else {
        panic!("objects are merged");
    };
    members.extend(more);
    base
}

/// The same, without a member.
pub fn without(mut base: Value, name: &str) -> Value {
    base.as_object_mut().unwrap().shift_remove(name);
    base
}

/// `{"@odata.id":…}`
pub fn link(address: &str) -> Value {
    json!({ "@odata.id": address })
}

/// The key of an address such as `Set(key)`.
pub fn key(address: &str) -> &str {
    address.split(['(', ')']).nth(1).unwrap()
}
