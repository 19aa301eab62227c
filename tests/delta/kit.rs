//! Clients that keep a copy of a set.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use userdex::access::Scopes;
use userdex::service::Way;
use userdex::value::Timestamp;

use crate::support::http::{Answer, Request};
use crate::support::server::{Server, USERS, key, link, merged, user};

pub(crate) const GROUPS: &str = "Systems_Security_Groups";
pub(crate) const MEMBERS: &str = "Systems_Security_UserGroups";

/// Somebody who has signed in; nobody in particular is the tester, an administrator.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reader(pub(crate) Option<String>);

impl Reader {
    /// A new user who reads the rows of some sets that a filter takes, or all of them.
    pub(crate) fn new(server: &Server, login: &str, sets: &[(&str, Option<&str>)]) -> Self {
        let address = server.create(USERS, &user(login));
        let role = server.create("Systems_Security_Roles", &json!({"Name": login}));
        server.create(
            "Systems_Security_RoleUsers",
            &json!({"User": link(&address), "Role": link(&role)}),
        );
        for (set, filter) in sets {
            let filter = filter.map_or(json!({}), |filter| json!({"RecordFilter": filter}));
            let permission = json!({"EntitySet": set, "Role": link(&role), "CanRead": true});
            server.create("Ext_EntityPermissions", &merged(permission, filter));
        }
        let (id, now) = (key(&address).parse().unwrap(), Timestamp::now());
        let opened = server
            .service
            .open_session(id, Way::Session, None, Scopes::ALL, now);
        Self(Some(format!("ErpSession {}", opened.unwrap().id)))
    }

    /// A request of OData 4.01 for an encoded target.
    pub(crate) fn target(&self, server: &Server, target: &str) -> Request {
        self.sign(Request::new(server.address, "GET", target))
    }

    /// The same for an address below the service root.
    pub(crate) fn ask(&self, server: &Server, address: &str) -> Request {
        self.sign(server.ask("GET", address))
    }

    fn sign(&self, request: Request) -> Request {
        let request = request.header("OData-MaxVersion", "4.01");
        match &self.0 {
            Some(header) => request.anonymous().header("Authorization", header),
            None => request,
        }
    }

    /// The rows at an address, by their key.
    pub(crate) fn rows(&self, server: &Server, address: &str) -> BTreeMap<String, Value> {
        let answer = self.ask(server, address).expect(200).json();
        let rows = answer["value"].as_array().unwrap().iter();
        rows.map(|row| (id(row), row.clone())).collect()
    }

    /// The first page of a walk that tracks changes.
    pub(crate) fn begin(&self, server: &Server, address: &str, size: usize) -> Answer {
        let prefer = format!("odata.track-changes,maxpagesize={size}");
        self.ask(server, address).prefer(&prefer).expect(200)
    }
}

/// The path and query of a link.
pub(crate) fn target(link: &Value) -> String {
    let link = link.as_str().expect("a link");
    link.split_once("localhost").unwrap().1.to_owned()
}

/// The key of a row, or of the row that an entry says is gone.
pub(crate) fn id(row: &Value) -> String {
    match row["Id"].as_str() {
        Some(id) => id.to_owned(),
        None => key(row["@id"].as_str().unwrap()).to_owned(),
    }
}

/// The keys that a delta says are gone.
pub(crate) fn removed(delta: &Value) -> Vec<String> {
    let rows = delta["value"].as_array().unwrap().iter();
    rows.filter(|row| row.get("@removed").is_some())
        .map(id)
        .collect()
}

/// The keys of the rows that a delta shows.
pub(crate) fn shown(delta: &Value) -> Vec<String> {
    let rows = delta["value"].as_array().unwrap().iter();
    rows.filter(|row| row.get("@removed").is_none())
        .map(id)
        .collect()
}

/// A client's copy of a set.
pub(crate) struct Mirror {
    pub(crate) reader: Reader,
    pub(crate) rows: BTreeMap<String, Value>,
    pub(crate) link: String,
}

impl Mirror {
    /// Reads a set page by page; `between` happens after each page but the last.
    pub(crate) fn walk(
        server: &Server,
        reader: &Reader,
        address: &str,
        size: usize,
        mut between: impl FnMut(),
    ) -> Self {
        let mut rows = BTreeMap::new();
        let mut page = reader.begin(server, address, size);
        loop {
            let applied = page.header("preference-applied").unwrap_or_default();
            assert!(applied.contains("odata.track-changes"), "{address} {page}");
            let body = page.json();
            for row in body["value"].as_array().unwrap() {
                assert!(rows.insert(id(row), row.clone()).is_none(), "twice: {row}");
            }
            if let Some(link) = body.get("@deltaLink") {
                assert!(body.get("@nextLink").is_none(), "{page}");
                let link = target(link);
                return Self {
                    reader: reader.clone(),
                    rows,
                    link,
                };
            }
            between();
            page = reader
                .target(server, &target(&body["@nextLink"]))
                .prefer(&format!("maxpagesize={size}"))
                .expect(200);
        }
    }

    /// Follows the delta link and applies what it tells.
    pub(crate) fn catch_up(&mut self, server: &Server) -> Value {
        let delta = self.reader.target(server, &self.link).expect(200).json();
        for row in delta["value"].as_array().unwrap() {
            match row.get("@removed") {
                Some(_) => drop(self.rows.remove(&id(row))),
                None => drop(self.rows.insert(id(row), row.clone())),
            }
        }
        let (shown, removed) = (shown(&delta), removed(&delta));
        let mut all: Vec<_> = shown.iter().chain(&removed).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), shown.len() + removed.len(), "twice: {delta}");
        self.link = target(&delta["@deltaLink"]);
        delta
    }
}
