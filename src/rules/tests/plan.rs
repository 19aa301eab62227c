//! What is written: steps in their order, shadow columns, versions.

use serde_json::json;
use uuid::Uuid;

use super::seal;
use crate::change::testkit::{
    Ask, GROUPS, MEMBERS, PERSONS, USERS, World, at, author, entity, key, model, now,
};
use crate::change::{Record, history};
use crate::model::EntityId;
use crate::plan::{WritePlan, WriteStep};
use crate::rules::history_plan;
use crate::value::Value;

fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Integer(whole) => whole.to_string(),
        Value::Text(text) => text.clone(),
        Value::Guid(guid) => format!("{:x}", guid.as_u128()),
        Value::Timestamp(time) => time.to_string(),
        Value::Binary(_) => "…".to_owned(),
    }
}

/// A plan as lines; inserts without nulls.
fn told(plan: &WritePlan) -> Vec<String> {
    let table = |e: &EntityId| model().table(*e);
    let cell = |e: &EntityId, (no, value): (&_, &_)| {
        format!("{}={}", table(e).column(*no).name, text(value))
    };
    let key = |id: &Uuid| format!("{:x}", id.as_u128());
    let mut lines = Vec::new();
    for step in &plan.steps {
        match step {
            WriteStep::Delete { table: e, keys } => {
                let keys: Vec<_> = keys.iter().map(key).collect();
                lines.push(format!("delete {} {}", table(e).name, keys.join(" ")));
            }
            WriteStep::DeleteBy {
                table: e,
                column,
                keys,
            } => {
                let keys: Vec<_> = keys.iter().map(key).collect();
                let name = &table(e).column(*column).name;
                lines.push(format!(
                    "delete {} by {name} {}",
                    table(e).name,
                    keys.join(" ")
                ));
            }
            WriteStep::Update {
                table: e,
                key: id,
                values,
                path,
                request: _,
            } => {
                let cells: Vec<_> = values.iter().map(|(no, v)| cell(e, (no, v))).collect();
                let name = &table(e).name;
                lines.push(format!(
                    "update {name} {} [{path}] {}",
                    key(id),
                    cells.join(" ")
                ));
            }
            WriteStep::Insert {
                table: e,
                columns,
                rows,
            } => {
                for row in rows {
                    assert_eq!(row.values.len(), columns.len());
                    let cells = columns.iter().zip(&row.values);
                    let cells: Vec<_> = cells
                        .filter(|(_, v)| **v != Value::Null)
                        .map(|pair| cell(e, pair))
                        .collect();
                    let name = &table(e).name;
                    lines.push(format!("insert {name} [{}] {}", row.path, cells.join(" ")));
                }
                let mut once = columns.clone();
                once.sort_unstable_by_key(|no| no.index());
                once.dedup();
                assert_eq!(once.len(), columns.len(), "a column twice");
            }
        }
    }
    lines
}

fn planned(world: &mut World, asks: &[Ask]) -> Vec<String> {
    told(&seal(world, asks, "en").unwrap().plan(now()))
}

fn world() -> World {
    let mut world = World::default();
    world.user(1, "Ann");
    world.group(10, "Sales", "G");
    world.group(11, "Other", "G");
    world.member(20, key(1), key(10));
    world
}

const NOW: &str = "2026-11-20T10:00:00Z";

#[test]
fn a_change_writes_what_differs_its_shadow_and_the_version() {
    let body = json!({"Login": "Bob", "Active": true, "Notes": "n"});
    assert_eq!(
        planned(&mut world(), &[Ask::Patch(USERS, key(1), body)]),
        [format!(
            "update Sec_Users 1 [] Login=Bob Login_folded=bob Notes=n Latest_Version=2 Last_Update_Time_Utc={NOW}"
        )]
    );
    let same = json!({"Login": "Ann"});
    let nothing = planned(&mut world(), &[Ask::Patch(USERS, key(1), same)]);
    assert!(nothing.is_empty());
}

#[test]
fn deletes_then_updates_then_inserts_and_one_version_for_an_aggregate() {
    let group = |id: u128| json!({"Group@odata.bind": at(GROUPS, key(id))});
    let mut body = json!({"Groups": [group(11)], "Notes": "n"});
    body["Groups"][0]["Id"] = json!(key(21).to_string());
    let asks = [
        Ask::Patch401(USERS, key(1), body),
        Ask::Patch(GROUPS, key(10), json!({"Notes": "g"})),
    ];
    assert_eq!(
        planned(&mut world(), &asks),
        [
            "delete Gen_Property_Values by Entity_Item_Id 14".to_owned(),
            "delete Sec_User_Groups 14".to_owned(),
            format!("update Sec_Users 1 [] Notes=n Latest_Version=2 Last_Update_Time_Utc={NOW}"),
            format!("update Sec_Groups a [] Notes=g Latest_Version=2 Last_Update_Time_Utc={NOW}"),
            "insert Sec_User_Groups [Groups/0] User_Group_Id=15 Group_Id=b User_Id=1".to_owned(),
        ]
    );
}

#[test]
fn a_child_that_moves_raises_both_aggregates() {
    let mut world = world();
    world.user(2, "bob");
    let body = json!({"User@odata.bind": at(USERS, key(2))});
    let mut steps = planned(&mut world, &[Ask::Patch(MEMBERS, key(20), body)]);
    steps.sort();
    assert_eq!(
        steps,
        [
            "update Sec_User_Groups 14 [] User_Id=2".to_owned(),
            format!("update Sec_Users 1 [] Latest_Version=2 Last_Update_Time_Utc={NOW}"),
            format!("update Sec_Users 2 [] Latest_Version=2 Last_Update_Time_Utc={NOW}"),
        ]
    );
}

#[test]
fn a_deleted_aggregate_raises_nothing() {
    assert_eq!(
        planned(&mut world(), &[Ask::Delete(USERS, key(1))]),
        [
            "delete Gen_Property_Values by Entity_Item_Id 1 14",
            "delete Sec_Users 1",
            "delete Sec_User_Groups 14"
        ]
    );
}

#[test]
fn a_new_object_has_its_shadows_and_times() {
    let body = json!({"Id": key(9).to_string(), "Login": "Zoë", "Name": {"EN": "Zoë"},
        "UserType": "VirtualUserNoLogin", "Email": "Z@x.org"});
    let lines = planned(&mut world(), &[Ask::Post(USERS, body)]);
    let [line] = lines.as_slice() else {
        panic!("{lines:?}");
    };
    for cell in [
        "User_Id=9",
        "Login=Zoë",
        "Login_folded=",
        "Email=Z@x.org",
        "Email_folded=z@x.org",
        "User_Name={\"EN\":\"Zoë\"}",
        "User_Name_folded=",
        "User_Type=VIR",
        "Access_Failed_Count=0",
        &format!("Creation_Time_Utc={NOW}"),
        &format!("Last_Update_Time_Utc={NOW}"),
    ] {
        assert!(line.contains(cell), "{cell} in {line}");
    }
    assert!(!line.contains("Latest_Version"), "the database begins it");
}

#[test]
fn every_new_root_has_both_times_once() {
    for (id, of) in model().entities() {
        if of.root != id || of.view || !model().derived(id).is_empty() {
            continue;
        }
        let plan = history_plan(model(), &[(id, Record::new(of, key(1)))], now());
        let mut columns = Vec::new();
        for step in &plan.steps {
            if let WriteStep::Insert {
                table, columns: of, ..
            } = step
            {
                let table = model().table(*table);
                columns.extend(of.iter().map(|no| table.column(*no).name.as_str()));
            }
        }
        for name in ["Creation_Time_Utc", "Last_Update_Time_Utc"] {
            let times = columns.iter().filter(|c| **c == name).count();
            assert_eq!(times, 1, "{name} of {}", of.set);
        }
    }
}

#[test]
fn an_object_with_a_base_has_a_row_in_each_table() {
    let mut world = World::default();
    let body = json!({"Id": key(5).to_string(), "FirstName": {"EN": "Ann"}, "ExternalId": "e"});
    let lines = planned(&mut world, &[Ask::Post(PERSONS, body.clone())]);
    let head = |line: &String| line.split(' ').nth(1).unwrap().to_owned();
    let mut tables: Vec<_> = lines.iter().map(head).collect();
    tables.sort();
    assert_eq!(tables, ["Cm_Persons", "Gen_Parties"]);
    let parties = lines.iter().find(|l| head(l) == "Gen_Parties").unwrap();
    for cell in [
        "Party_Name={\"EN\":\"Ann\"}",
        "Party_Code=00001",
        "External_Id=e",
        "Last_Update_Time_Utc=",
    ] {
        assert!(parties.contains(cell), "{cell} in {parties}");
    }
    world.seed(PERSONS, key(5), body);
    let both = json!({"Notes": "p", "GLN": "7", "ExternalId": "f"});
    let mut lines = planned(&mut world, &[Ask::Patch(PERSONS, key(5), both)]);
    lines.sort();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("update Cm_Persons 5 [] Notes=p"));
    for cell in ["GLN=7", "External_Id=f", "Latest_Version=2"] {
        assert!(lines[1].contains(cell), "{cell} in {}", lines[1]);
    }
    assert_eq!(
        planned(&mut world, &[Ask::Delete(PERSONS, key(5))]),
        [
            "delete Gen_Property_Values by Entity_Item_Id 5",
            "delete Cm_Persons 5",
            "delete Gen_Parties 5"
        ]
    );
}

#[test]
fn history_is_inserted_after_the_change() {
    let mut world = world();
    let ask = Ask::Patch(USERS, key(1), json!({"Notes": "n"}));
    let sealed = seal(&mut world, &[ask], "en").unwrap();
    let mut number = 0;
    let mut ids = || {
        number += 1;
        key(0xD0 + number)
    };
    let rows = history(sealed.set(), &|_| 3, &author(), 7, &mut ids).unwrap();
    let mut lines = told(&sealed.plan(now()));
    lines.extend(told(&history_plan(model(), &rows, now())));
    let heads: Vec<_> = lines
        .iter()
        .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        heads,
        [
            "update Sec_Users",
            "insert Sys_Object_Changesets",
            "insert Sys_Object_Changes",
            "insert Sys_Attribute_Changes",
        ]
    );
    assert!(lines[1].contains("Change_Number=7") && lines[1].contains("User_Id=a"));
    assert!(lines[3].contains("Attribute_Name=Notes") && lines[3].contains("New_Value=n"));
}

#[test]
fn many_new_rows_are_one_step() {
    let new = |login: &str| {
        Ask::Post(
            USERS,
            json!({"Login": login, "Name": {"EN": login}, "UserType": "VirtualUserNoLogin"}),
        )
    };
    let asks = [new("a"), new("b"), new("c")];
    let plan = seal(&mut world(), &asks, "en").unwrap().plan(now());
    let [WriteStep::Insert { table, rows, .. }] = plan.steps.as_slice() else {
        panic!("{plan:?}");
    };
    assert_eq!((*table, rows.len()), (entity(USERS), 3));
}
