//! What is secret, and markers put in its place.

use userdex::model::{AttributeId, Entity, EntityId, Model};

use crate::needles::Needles;
use crate::support::beside::{self, Beside};
use crate::support::server::{Server, key};

/// In every secret text that the test makes up.
pub(crate) const MARKER: &str = "Qz7MarKer9xWk";
/// In texts that are no secret, so that it is known to be found.
pub(crate) const CONTROL: &str = "Yx4ConTrol8vU";

/// A hash as administrators import it.
pub(crate) const HASH: &str =
    "AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg/Q8A0WMKbtHQJQ2DHCdoEeeFBrgNlldq6vH4qX/CGqGQ==";
/// The beginning of every hash that the test has made: what comes before its salt.
pub(crate) const HASHED: &str = "AQAAAAIAAAABAAAAE";

/// Tables that belong to the server and to no entity, with their secret columns.
const OWN: &[(&str, Option<&str>)] = &[
    ("Ext_Audit_Chain", None),
    ("Ext_Audit_Head", None),
    // Keyed fingerprints of settings.
    ("Ext_Audit_Settings", None),
    ("Ext_Counters", None),
    ("Ext_Key_Ring", Some("Secret")),
    ("Ext_Marks", None),
    // Hashes: the beginning of every hash is searched for.
    ("Ext_Old_Passwords", None),
    ("Ext_Repeatable_Requests", Some("Fingerprint")),
    ("Ext_Server_Keys", Some("Secret")),
    // What is sent is made of the id and a key; it is among the credentials of callers.
    ("Ext_Sessions", None),
    ("Ext_Used_Codes", None),
    ("__diesel_schema_migrations", None),
];

/// A secret attribute.
pub(crate) struct Secret<'m> {
    pub(crate) of: &'m Entity,
    pub(crate) id: EntityId,
    pub(crate) name: &'m str,
    attribute: AttributeId,
}

/// Every attribute that the model closes.
pub(crate) fn secrets(model: &Model) -> Vec<Secret<'_>> {
    let all = model.entities().flat_map(|(id, of)| {
        let closed = of.attribute_ids().filter(|(_, a)| a.secret);
        closed.map(move |(attribute, a)| Secret {
            of,
            id,
            name: &a.name,
            attribute,
        })
    });
    all.collect()
}

impl Secret<'_> {
    fn place<'m>(&self, model: &'m Model) -> (&'m str, &'m str) {
        let stored = self.of.stored(self.attribute).unwrap();
        let table = model.table(stored.table);
        (&table.name, &table.column(stored.column).name)
    }

    /// Puts a marker into an object.
    pub(crate) fn plant(&self, server: &Server, object: &str, number: usize) {
        let (table, column) = self.place(&server.model);
        let key = key(object);
        let key = match is_sqlite(server) {
            true => format!("x'{}'", key.replace('-', "")),
            false => format!("'{key}'"),
        };
        let of = &self.of.key_column;
        beside::run(
            &server.url,
            &format!(
                "UPDATE \"{table}\" SET \"{column}\" = '{MARKER}{number:02}' WHERE \"{of}\" = {key}"
            ),
        );
    }
}

fn is_sqlite(server: &Server) -> bool {
    server.url.starts_with("sqlite:")
}

/// Everything secret that the database holds now, whoever made it.
pub(crate) fn stored(server: &Server, needles: &mut Needles) {
    let mut hashed = false;
    for secret in secrets(&server.model) {
        let (table, column) = secret.place(&server.model);
        let about = format!("{}.{}", secret.of.name, secret.name);
        let sql =
            format!("SELECT \"{column}\" AS line FROM \"{table}\" WHERE \"{column}\" IS NOT NULL");
        let held = Beside::open(&server.url).lines(&sql);
        assert!(
            held.iter().any(|text| text.starts_with(MARKER)),
            "no object holds a marker in {about}: the stage has to make one"
        );
        for text in held {
            hashed |= text.starts_with(HASHED);
            needles.text(&about, &text);
        }
    }
    assert!(hashed, "hashes begin otherwise");
    needles.text("a hash", HASHED);
    needles.text("an imported hash", HASH);
    own(server, needles);
}

/// The secrets of tables that are no entities.
fn own(server: &Server, needles: &mut Needles) {
    let tables = match is_sqlite(server) {
        true => {
            "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '%fts%'"
        }
        false => "SELECT tablename::text AS line FROM pg_tables WHERE schemaname = 'public'",
    };
    let model = &server.model;
    let of_model = |table: &String| model.entities().any(|(_, e)| e.table == *table);
    let mut tables = Beside::open(&server.url).lines(tables);
    tables.retain(|table| !of_model(table));
    tables.sort();
    let known: Vec<&str> = OWN.iter().map(|(table, _)| *table).collect();
    assert_eq!(tables, known, "a table is new: what of it is secret?");
    for (table, column) in OWN {
        let Some(column) = column else { continue };
        let hex = match is_sqlite(server) {
            true => format!("SELECT hex(\"{column}\") AS line FROM \"{table}\""),
            false => format!("SELECT encode(\"{column}\", 'hex') AS line FROM \"{table}\""),
        };
        let held = Beside::open(&server.url).lines(&hex);
        assert!(!held.is_empty(), "{table} is empty");
        for bytes in held {
            let bytes: Vec<u8> = (0..bytes.len() / 2)
                .map(|i| u8::from_str_radix(&bytes[2 * i..2 * i + 2], 16).unwrap())
                .collect();
            needles.bytes(table, &bytes);
        }
    }
}
