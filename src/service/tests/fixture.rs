//! A small database for tests: three users, two persons, two groups, memberships.

use std::sync::Arc;

use bytes::Bytes;
use tempfile::TempDir;
use uuid::Uuid;

use crate::diag::Result;
use crate::model::{ColumnKind, ColumnNo, EntityId, Model, Table, shadow};
use crate::service::{
    Caller, Flow, Head, ODataVersion, Output, Prepared, PreparedRead, RequestHead, Service,
    ServiceSettings,
};
use crate::store::{DatabaseUrl, Store, StoreOptions, Writer};
use crate::value::{Language, Timestamp, Value};

pub(super) const ROOT: &str = "https://h/api/domain/odata/";

/// Guid number `n`.
pub(super) fn guid(n: u128) -> Value {
    Value::Guid(Uuid::from_u128(n))
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// The service over the small database; the folder lives as long as it.
pub(super) struct Fixture {
    pub(super) service: Service,
    _folder: TempDir,
}

/// An answer, whole.
#[derive(Debug, Default)]
pub(super) struct Answered {
    pub(super) head: Option<Head>,
    pub(super) chunks: Vec<Bytes>,
    pub(super) rows: usize,
}

impl Output for Answered {
    fn head(&mut self, head: Head) -> Result<()> {
        assert!(self.head.is_none() && self.chunks.is_empty());
        self.head = Some(head);
        Ok(())
    }

    fn chunk(&mut self, chunk: Bytes) -> Result<Flow> {
        assert!(self.head.is_some());
        self.chunks.push(chunk);
        Ok(Flow::More)
    }

    fn row(&mut self) {
        self.rows += 1;
    }
}

impl Answered {
    pub(super) fn body(&self) -> String {
        String::from_utf8(self.chunks.concat()).unwrap()
    }

    pub(super) fn head(&self) -> &Head {
        self.head.as_ref().unwrap()
    }
}

impl Fixture {
    pub(super) fn new(settings: ServiceSettings, extra_users: u128) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let url = DatabaseUrl::Sqlite(path.to_str().unwrap().to_owned());
        let store = Store::open(&url, &StoreOptions::default()).unwrap();
        store.migrate().unwrap();
        let model = Arc::new(Model::shipped().unwrap());
        fill(&model, &mut store.writer().unwrap(), extra_users);
        let service = Service::new(model, store, settings).unwrap();
        Self {
            service,
            _folder: folder,
        }
    }

    /// Runs `GET address` with a version and an `Accept` header.
    pub(super) fn ask(
        &self,
        address: &str,
        odata_version: Option<ODataVersion>,
        accept: Option<&str>,
    ) -> Result<Answered> {
        let language = Language::default();
        let mut out = Answered::default();
        let head = head(address, odata_version, accept, &language);
        match self.service.prepare(&head)? {
            Prepared::Document(document) => out.chunks.push(document.body),
            Prepared::Read(read) => self.service.run(&read, &mut out)?,
            Prepared::Call(call) => self.service.answer(&call, &mut out)?,
        }
        Ok(out)
    }

    /// Runs `HEAD address`.
    pub(super) fn ask_head(&self, address: &str) -> Result<Answered> {
        let language = Language::default();
        let mut out = Answered::default();
        let head = RequestHead {
            head_only: true,
            ..head(address, None, None, &language)
        };
        if let Prepared::Read(read) = self.service.prepare(&head)? {
            self.service.run(&read, &mut out)?;
        }
        Ok(out)
    }

    /// A read that is understood but not run.
    pub(super) fn prepare(&self, address: &str, language: &Language) -> Box<PreparedRead> {
        match self.service.prepare(&head(address, None, None, language)) {
            Ok(Prepared::Read(read)) => read,
            other => panic!("{address}: {other:?}"),
        }
    }

    /// The body of `GET address` for a client that declares a version.
    pub(super) fn get(&self, address: &str) -> String {
        let answered = self.ask(address, Some(ODataVersion::V4), None);
        answered
            .unwrap_or_else(|e| panic!("{address}: {e:?}"))
            .body()
    }
}

fn head<'a>(
    address: &'a str,
    odata_version: Option<ODataVersion>,
    accept: Option<&'a str>,
    language: &'a Language,
) -> RequestHead<'a> {
    let now = Timestamp::from_micros(1_700_000_000_000_000);
    RequestHead {
        root: ROOT,
        accept,
        odata_version,
        ..RequestHead::at(address, language, Caller::system(), now)
    }
}

fn fill(model: &Model, writer: &mut Writer, extra_users: u128) {
    let done = writer.transaction(|writer| {
        fill_all(
            |set, values| insert(model, writer, set, values),
            extra_users,
        );
        Ok(())
    });
    done.unwrap();
}

fn fill_all(mut add: impl FnMut(&str, &[(&str, Value)]), extra_users: u128) {
    for (n, name) in [(0x11, "Ann Lee"), (0x12, "Петър")] {
        let names = format!("{{\"EN\":\"{name}\"}}");
        add(
            "General_Contacts_Persons",
            &[("Id", guid(n)), ("PartyName", text(&names))],
        );
    }
    for (n, name) in [(0x21, "Admins"), (0x22, "Staff")] {
        add(
            "Systems_Security_Groups",
            &[
                ("Id", guid(n)),
                ("Name", text(&format!("{{\"EN\":\"{name}\"}}"))),
            ],
        );
    }
    let user = |n, login: &str, names: &str, person: Value, version| {
        vec![
            ("Id", guid(n)),
            ("Login", text(login)),
            ("Name", text(names)),
            ("Person", person),
            ("ObjectVersion", Value::Integer(version)),
            (
                "CreationTimeUtc",
                Value::Timestamp(Timestamp::from_micros(1_577_934_245_678_000)),
            ),
        ]
    };
    let both = "{\"EN\":\"Ann \\\"A\\\" Lee\",\"BG\":\"Ан Ли\"}";
    add(
        "Systems_Security_Users",
        &user(1, "ann", both, guid(0x11), 17),
    );
    add(
        "Systems_Security_Users",
        &user(2, "bob", "{\"EN\":\"=Bob\"}", Value::Null, 1),
    );
    add(
        "Systems_Security_Users",
        &user(3, "cid", "{\"BG\":\"Сид\"}", guid(0x12), 2),
    );
    for n in 0..extra_users {
        let login = format!("extra{n:05}");
        let names = format!("{{\"EN\":\"Extra {n}\"}}");
        add(
            "Systems_Security_Users",
            &user(0x10_000 + n, &login, &names, Value::Null, 1),
        );
    }
    for (n, user, group) in [(0x31, 1, 0x21), (0x32, 1, 0x22), (0x33, 3, 0x22)] {
        add(
            "Systems_Security_UserGroups",
            &[
                ("Id", guid(n)),
                ("User", guid(user)),
                ("Group", guid(group)),
            ],
        );
    }
}

/// Inserts one row: the given properties with their shadows, and something for whatever else must
/// not be null.
fn insert(model: &Model, writer: &mut Writer, set: &str, values: &[(&str, Value)]) {
    let id = model.set(set).unwrap_or_else(|| panic!("no set {set}"));
    if let Some(base) = model.entity(id).base {
        insert_into(model, writer, base, values);
    }
    insert_into(model, writer, id, values);
}

fn insert_into(model: &Model, writer: &mut Writer, id: EntityId, values: &[(&str, Value)]) {
    let (entity, table) = (model.entity(id), model.table(id));
    let mut row: Vec<(ColumnNo, Value)> = Vec::new();
    for (name, value) in values {
        if let Some((attribute_id, attribute)) =
            entity.attribute_ids().find(|(_, a)| a.name == *name)
        {
            let stored = entity.stored(attribute_id).unwrap();
            if stored.table == id {
                row.push((stored.column, value.clone()));
                row.extend(stored.shadow.map(|no| (no, shadow(attribute.kind, value))));
            }
        } else if let Some((reference, _)) = entity.reference_ids().find(|(_, r)| r.name == *name) {
            let stored = entity.stored_reference(reference);
            if stored.table == id {
                row.push((stored.column, value.clone()));
            }
        }
    }
    fill_required(table, &mut row);
    let (columns, values): (Vec<_>, Vec<_>) = row.into_iter().unzip();
    writer
        .insert_many(table, &columns, &[values])
        .unwrap_or_else(|e| panic!("{}: {e:?} {:?}", table.name, e.log_text()));
}

fn fill_required(table: &Table, row: &mut Vec<(ColumnNo, Value)>) {
    let key = row.iter().find(|(no, _)| *no == Table::KEY);
    let key = key.map(|(_, key)| key.clone()).unwrap();
    let Value::Guid(number) = key else {
        panic!("keys are guids")
    };
    let unique = text(&format!("x{:x}", number.as_u128()));
    for column in &table.columns {
        let no = table.find(&column.name).unwrap();
        if column.nullable || row.iter().any(|(given, _)| *given == no) {
            continue;
        }
        let value = match &column.kind {
            ColumnKind::RowId => continue,
            ColumnKind::Key | ColumnKind::Guid | ColumnKind::Reference(_) => key.clone(),
            ColumnKind::Text | ColumnKind::Folded => unique.clone(),
            ColumnKind::Json => text("{\"EN\":\"x\"}"),
            ColumnKind::Code(codes) => text(codes.first().unwrap()),
            ColumnKind::Boolean => Value::Boolean(false),
            ColumnKind::Integer => Value::Integer(0),
            ColumnKind::Timestamp => Value::Timestamp(Timestamp::from_micros(0)),
            ColumnKind::Binary => Value::Binary(vec![0]),
        };
        row.push((no, value));
    }
}
