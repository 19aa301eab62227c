//! The databases that requests are generated for: demonstration users, difficult rows in every other
//! table, custom properties, and a server over each.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use userdex::diag::{Code, Problem};
use userdex::model::{Custom, CustomDefinition, CustomKind, Model, Text, custom_row};
use userdex::service::{Caller, ServiceSettings};
use userdex::value::{MultilanguageString, Value, fold, fold_multilanguage};
use uuid::Uuid;

use crate::reader::Reader;
use crate::support::evaluator::World;
use crate::support::service::untokened;
use crate::support::{Database, Databases, Wishes, rows, tester, users, world};

/// Demonstration users.
const USERS: u64 = 60;
/// Rows there are noted for exports, under a key of their own in each database.
pub(crate) const NOTED: &str = "Systems_Monitoring_AuditLogEntries";

/// The custom properties: what has them, and their code.
const CUSTOM: &[(&str, &str)] = &[
    ("Sec_Users", "color"),
    ("Sec_Users", "Größe"),
    ("Sec_Groups", "color"),
    ("Gen_Parties", "size (cm)"),
    ("Sec_Domains", "note"),
];

pub(crate) struct Stage {
    pub(crate) all: Databases,
    pub(crate) model: Arc<Model>,
    pub(crate) world: World,
    /// The sets that are asked about; of those that cost most, few.
    pub(crate) sets: Vec<String>,
    servers: OnceLock<Vec<SocketAddr>>,
    /// Who asks; the program itself where there is nobody.
    pub(crate) reader: Option<Reader>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(&ServiceSettings::default(), &[])
    }

    /// One whose objects change: its history begins with what is changed.
    pub(crate) fn that_changes() -> Self {
        let history = [
            "Systems.Core.ObjectChangesets",
            "Systems.Core.ObjectChanges",
            "Systems.Core.AttributeChanges",
        ];
        Self::with(&world::quick_settings(), &history)
    }

    fn with(settings: &ServiceSettings, left_empty: &[&str]) -> Self {
        let all = Databases::with_settings(USERS, settings);
        let definitions: Vec<CustomDefinition> = (0..).zip(CUSTOM).map(definition).collect();
        let shipped = Model::shipped().unwrap();
        let (model, left_out) = shipped.with_custom(&definitions);
        assert!(left_out.is_empty(), "{left_out:?}");
        for database in all.iter() {
            rows::fill_but(database, 7, left_empty);
            define(database, &definitions);
            tester::session(&database.service, &database.store, &database.model);
        }
        let world = World::read_with(all.iter().next().unwrap(), &model);
        let mut sets: Vec<String> = model.entities().map(|(_, e)| e.set.clone()).collect();
        sets.retain(|set| *set != NOTED);
        let view = |set: &str| model.entity(model.set(set).unwrap()).view;
        let cheap: Vec<String> = sets.iter().filter(|set| !view(set)).cloned().collect();
        sets.extend(cheap.into_iter().cycle().take(sets.len() * 3));
        sets.extend(vec!["Systems_Security_Users".to_owned(); 12]);
        Self {
            all,
            model: Arc::new(model),
            world,
            sets,
            servers: OnceLock::new(),
            reader: None,
        }
    }

    /// Makes the indexes of trigrams, in every database.
    pub(crate) fn turn_trigrams_on(&self) {
        for database in self.all.iter() {
            let model = &*database.model;
            for searched in model.searched() {
                let made = database
                    .store
                    .turn_trigrams_on(model, &searched, &mut |_| ());
                made.unwrap_or_else(|p| panic!("{p:?}: {:?}", p.log_text()));
            }
        }
    }

    /// A server over each database.
    pub(crate) fn servers(&self) -> &[SocketAddr] {
        self.servers.get_or_init(|| {
            let all = self.all.iter().map(|database| {
                let address = world::serve(&database.service, &database.store);
                match &self.reader {
                    Some(reader) => tester::sign_in_with(address, reader.session(database)),
                    None => tester::sign_in(
                        address,
                        &database.service,
                        &database.store,
                        &database.model,
                    ),
                }
                address
            });
            all.collect()
        })
    }

    /// What each database answers.
    pub(crate) fn ask(&self, addresses: &[String], wishes: &Wishes<'_>) -> Vec<Reply> {
        let asked = self.all.iter().zip(addresses).enumerate();
        asked
            .map(|(number, (database, address))| {
                let reader = self.reader.as_ref();
                let wishes = Wishes {
                    caller: reader.map(|reader| reader.caller(number)),
                    ..*wishes
                };
                match database.ask(address, &wishes) {
                    Ok(answer) => Reply::Answer(answer.body),
                    Err(problem) => Reply::Refusal(Box::new(problem)),
                }
            })
            .collect()
    }
}

/// What a database answers.
pub(crate) enum Reply {
    Answer(String),
    Refusal(Box<Problem>),
}

impl Reply {
    /// The answer, or why there is none.
    pub(crate) fn body(&self) -> Result<&str, String> {
        match self {
            Self::Answer(body) => Ok(body),
            Self::Refusal(problem) => Err(format!("{problem:?} {:?}", problem.log_text())),
        }
    }

    /// The same without tokens; what is a fault of the service is told.
    pub(crate) fn shown(&self) -> Result<String, String> {
        match self {
            Self::Answer(body) if body.contains(rows::CLOSED) => {
                Err(format!("it shows what is closed: {body}"))
            }
            Self::Answer(body) => Ok(untokened(body)),
            Self::Refusal(problem) => {
                let code = problem.code();
                if code.status() >= 500 && code != Code::NotSupported {
                    return Err(format!("{problem:?} {:?}", problem.log_text()));
                }
                Ok(format!("{code:?} {problem:?}"))
            }
        }
    }
}

/// Whether databases answer the same; the answer.
pub(crate) fn same(replies: &[Reply]) -> Result<String, String> {
    let mut shown = replies.iter().map(Reply::shown);
    let first = shown.next().unwrap()?;
    for other in shown {
        let other = other?;
        if first != other {
            return Err(format!("two answers:\n{first}\n{other}"));
        }
    }
    Ok(first)
}

fn definition((number, (entity, code)): (u128, &(&str, &str))) -> CustomDefinition {
    CustomDefinition {
        custom: Custom {
            property: Uuid::from_u128(0xc0_0000 + number),
            kind: CustomKind::Text,
            limited: false,
        },
        entity: (*entity).to_owned(),
        code: (*code).to_owned(),
        text: Text::default(),
    }
}

fn shown(name: &str) -> String {
    fold_multilanguage(&MultilanguageString::from_pairs([("EN", name)]))
}

/// Puts definitions and values into the tables, the same in every database.
fn define(database: &Database, definitions: &[CustomDefinition]) {
    let model = &*database.model;
    let table = |set: &str| model.table(model.set(set).unwrap());
    let text = |text: &str| Value::Text(text.to_owned());
    let names = [
        "Property_Id",
        "Property_Code",
        "Property_Code_folded",
        "Entity_Name",
        "Entity_Name_folded",
        "Is_Active",
        "Property_Type",
        "Property_Name",
        "Property_Name_folded",
    ];
    let rows: Vec<Vec<Value>> = definitions
        .iter()
        .map(|d| {
            vec![
                Value::Guid(d.custom.property),
                text(&d.code),
                text(&fold(&d.code)),
                text(&d.entity),
                text(&fold(&d.entity)),
                Value::Boolean(true),
                text("T"),
                text(&MultilanguageString::from_pairs([("EN", d.code.as_str())]).to_json()),
                text(&shown(&d.code)),
            ]
        })
        .collect();
    let properties = table("Systems_Bpm_CustomProperties");
    let defined = users::with_defaults(properties, &names, &rows);
    let names = [
        "Property_Value_Id",
        "Property_Id",
        "Entity_Item_Id",
        "Entity_Name",
        "Property_Value",
        "Property_Value_folded",
    ];
    let mut values = Vec::new();
    for definition in definitions {
        let owner = model.entities().find(|(_, e)| e.table == definition.entity);
        let set = &owner.unwrap().1.set;
        let answer = database.get(&format!("{set}?$select=Id")).unwrap();
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        let objects = answer["value"].as_array().unwrap().iter().enumerate();
        // Two of three have a value.
        for (number, object) in objects.filter(|(number, _)| number % 3 > 0) {
            let object: Uuid = object["Id"].as_str().unwrap().parse().unwrap();
            let property = definition.custom.property;
            let value = rows::TEXTS[number % rows::TEXTS.len()];
            values.push(vec![
                Value::Guid(custom_row(property, object)),
                Value::Guid(property),
                Value::Guid(object),
                text(&definition.entity),
                text(value),
                text(&fold(value)),
            ]);
        }
    }
    let held = table("Systems_Bpm_CustomPropertyValues");
    let valued = users::with_defaults(held, &names, &values);
    let written = database.store.writer().unwrap().transaction(|writer| {
        writer.insert_many(properties, &defined.0, &defined.1)?;
        writer.insert_many(held, &valued.0, &valued.1)
    });
    written.unwrap_or_else(|p| panic!("{p:?}: {:?}", p.log_text()));
    database.service.reset_model(Caller::system()).unwrap();
}
