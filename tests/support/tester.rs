//! Whoever runs a test: an administrator who has signed in at each test server.
//!
//! The row is put beside the service, so that it leaves no history; the session is a fixed header,
//! so that requests hash no password.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{LazyLock, Mutex};

use userdex::access::{Scopes, Way};
use userdex::model::Model;
use userdex::plan::{NewRow, WritePlan, WriteStep};
use userdex::service::Service;
use userdex::store::{SignInReads as _, Store};
use userdex::value::{Timestamp, Value};
use uuid::Uuid;

/// The key of the user.
pub const TESTER: Uuid = Uuid::from_u128(0x5e55_1011_0b0e_4aaa_9999_7e57_7e57_7e57);
/// The login.
pub const LOGIN: &str = "~tester";

static HEADERS: LazyLock<Mutex<HashMap<SocketAddr, String>>> = LazyLock::new(Mutex::default);

/// The value of `Authorization` for requests to a server; nothing where nobody has signed in.
pub fn authorization(address: SocketAddr) -> Option<String> {
    HEADERS.lock().unwrap().get(&address).cloned()
}

/// Signs in at a server of another process, by HTTP Basic.
pub fn sign_in_as(address: SocketAddr, login: &str, password: &str) {
    use base64::Engine as _;
    let pair = format!("{login}:{password}");
    let pair = base64::engine::general_purpose::STANDARD.encode(pair);
    HEADERS
        .lock()
        .unwrap()
        .insert(address, format!("Basic {pair}"));
}

/// Signs in at a server, making the user first where there is none.
pub fn sign_in(address: SocketAddr, service: &Service, store: &Store, model: &Model) {
    let header = session(service, store, model);
    sign_in_with(address, header);
}

/// Keeps a header for requests to a server.
pub fn sign_in_with(address: SocketAddr, header: String) {
    HEADERS.lock().unwrap().insert(address, header);
}

/// The value of `Authorization` of a new session.
pub fn session(service: &Service, store: &Store, model: &Model) -> String {
    // Made-up users have an administrator among them, so that tests that count are not one off.
    let user = match service.user_named("admin").unwrap() {
        Some(user) => user,
        None => TESTER,
    };
    if store.session().unwrap().account(user).unwrap().is_none() {
        insert(store, model);
    }
    session_of(service, user, Scopes::ALL)
}

/// The same for a user who is there.
pub fn session_of(service: &Service, user: Uuid, scopes: Scopes) -> String {
    let now = Timestamp::now();
    let opened = service.open_session(user, Way::Session, None, scopes, now);
    format!("ErpSession {}", opened.unwrap().id)
}

fn insert(store: &Store, model: &Model) {
    let users = model.set("Systems_Security_Users").unwrap();
    let text = |text: &str| Value::Text(text.to_owned());
    let names = [
        "User_Id",
        "Login",
        "Login_folded",
        "User_Name",
        "User_Name_folded",
        "User_Type",
        "Password_Format",
        "Active",
        "Is_Admin",
    ];
    let given = vec![
        Value::Guid(TESTER),
        text(LOGIN),
        text(LOGIN),
        text("{\"EN\":\"Tester\"}"),
        text("\u{1}EN\u{2}tester\u{1}"),
        text("INT"),
        text("AN3"),
        Value::Boolean(true),
        Value::Boolean(true),
    ];
    let (columns, rows) = super::users::with_defaults(model.table(users), &names, &[given]);
    let rows = rows.into_iter().map(|values| NewRow {
        values,
        path: String::new(),
        request: 0,
    });
    let step = WriteStep::Insert {
        table: users,
        columns,
        rows: rows.collect(),
    };
    let plan = WritePlan { steps: vec![step] };
    store.write(|w| w.run(model, &plan)).unwrap();
}
