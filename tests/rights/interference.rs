//! Two databases that differ only in what a caller may not see answer that caller with the same
//! bytes, whatever is asked.

use fastrand::Rng;
use serde_json::{Value as Json, json};
use userdex::model::{Custom, CustomDefinition, CustomKind, Model, Text};
use userdex::service::{Caller, ContentIds, Verb, WriteRequest};
use userdex::value::Timestamp;
use uuid::Uuid;

use crate::asking::{Asking, WORDS};
use crate::office::{Office, address};
use crate::support::beside;
use crate::support::world::{World, change, worlds};
use crate::{elsewhere, refused};

/// Questions to each pair of databases.
const QUESTIONS: usize = 1_200;

/// The time of everything that tests write.
fn then() -> Timestamp {
    Timestamp::parse("2026-11-01T10:00:00Z").unwrap()
}

fn write(world: &World, verb: Verb, path: &str, body: &Json) {
    let request = WriteRequest {
        now: then(),
        ..change(verb, path, body.to_string())
    };
    let done = world.service.write(&[request], &mut ContentIds::default());
    done.unwrap_or_else(|refusal| panic!("{path}: {refusal:?}"));
}

/// The custom properties of users: one that readers see, and one that is closed.
const CUSTOM: &[(u128, &str)] = &[(0xc1, "color"), (0xc2, "closed")];

/// The model with them.
fn model() -> Model {
    let definitions = CUSTOM.iter().map(|(id, code)| CustomDefinition {
        custom: Custom {
            property: Uuid::from_u128(*id),
            kind: CustomKind::Text,
            limited: false,
        },
        entity: "Sec_Users".to_owned(),
        code: (*code).to_owned(),
        text: Text::default(),
    });
    let definitions: Vec<CustomDefinition> = definitions.collect();
    Model::shipped().unwrap().with_custom(&definitions).0
}

/// Defines them, closes one, and gives values to users: what is closed differs.
fn paint(world: &World, closed: &str) {
    for (id, code) in CUSTOM {
        let body = json!({"Id": Uuid::from_u128(*id).to_string(), "Code": code, "EntityName": "Sec_Users",
            "Name": {"EN": code}});
        write(world, Verb::Post, "Systems_Bpm_CustomProperties", &body);
    }
    world.service.reset_model(Caller::system()).unwrap();
    let key = json!({"Id": Uuid::from_u128(0xc3).to_string(), "Name": {"EN": "painters"}});
    write(world, Verb::Post, "Systems_Security_AccessKeys", &key);
    let closing = json!({"Id": Uuid::from_u128(0xc4).to_string(), "TableName": "Sec_Users",
        "ColumnName": "CustomProperty_closed", "CanRead": true, "CanUpdate": true,
        "AccessKey@odata.bind": format!("Systems_Security_AccessKeys({})", Uuid::from_u128(0xc3))});
    write(
        world,
        Verb::Post,
        "Systems_Security_ColumnPermissions",
        &closing,
    );
    let users = world.all(
        "Systems_Security_Users?$select=Id&$orderby=Login&$filter=UserType%20eq%20'InternalUser'",
    );
    for (number, user) in users
        .iter()
        .enumerate()
        .filter(|(number, _)| number % 3 > 0)
    {
        let path = address(user["Id"].as_str().unwrap().parse().unwrap());
        let color = WORDS[number % WORDS.len()].replace("MARKER", "red");
        let body = json!({
            "CustomProperty_color": {"Value": color}, "CustomProperty_closed": {"Value": closed},
        });
        write(world, Verb::Patch, &path, &body);
    }
}

/// A demonstration user who reads the directory: the same in each database.
fn reader(world: &World) -> Uuid {
    world.service.ship_rights(then()).unwrap();
    let plain = "Systems_Security_Users?$filter=Active%20eq%20true%20and%20IsAdmin%20eq%20false%20and%20UserType%20eq%20'InternalUser'&$orderby=Login&$top=1";
    let user = world.all(plain)[0]["Id"].as_str().unwrap().to_owned();
    let role = world.all("Systems_Security_Roles?$filter=Name%20eq%20'Directory%20reader'");
    let role = role[0]["Id"].as_str().unwrap();
    let body = json!({
        "Id": "01020304-0506-4708-890a-0b0c0d0e0f10",
        "User@odata.bind": format!("Systems_Security_Users({user})"),
        "Role@odata.bind": format!("Systems_Security_Roles({role})"),
    });
    write(world, Verb::Post, "Systems_Security_RoleUsers", &body);
    user.parse().unwrap()
}

/// Changes what the reader may not see.
fn disturb(world: &World, reader: Uuid) {
    let groups = world
        .all("Systems_Security_Groups?$filter=GroupType%20eq%20'NormalUserDefinableGroup'&$top=1");
    let group = format!(
        "Systems_Security_Groups({})",
        groups[0]["Id"].as_str().unwrap()
    );
    for number in 1..=5 {
        let body = json!({
            "Login": format!("shadow{number}"), "Email": format!("shadow{number}@example.org"),
            "Name": {"EN": format!("Shadow {number}")}, "UserType": "InternalUser", "Active": false,
            "@ext.initialPassword": "Correct horse 7!", "Notes": "MARKER",
            "CustomProperty_color": {"Value": "MARKER"},
            "Groups": [{"Group@odata.bind": group}],
        });
        write(world, Verb::Post, "Systems_Security_Users", &body);
    }
    for row in world.all("Systems_Security_Users?$filter=Active%20eq%20false&$select=Id,Login") {
        let path = address(row["Id"].as_str().unwrap().parse().unwrap());
        write(
            world,
            Verb::Patch,
            &path,
            &json!({"Name": {"EN": "Shadow One"}, "IsAdmin": false,
                "CustomProperty_color": {"Value": "shadow"}}),
        );
    }
    // Of visible users only what is closed, and without the notes of ordinary changes. Their own
    // telephone everybody may see.
    let login = world.get(&address(reader));
    let login = login["Login"].as_str().unwrap();
    beside::run(
        &world.url,
        &format!(
            "UPDATE \"Sec_Users\" SET \"Phone_Number\" = 'MARKER', \"Phone_Number_folded\" = 'marker' \
             WHERE \"Login\" <> '{login}'"
        ),
    );
    beside::run(
        &world.url,
        "UPDATE \"Sec_Users\" SET \"Notes\" = 'MARKER', \"Access_Failed_Count\" = 4, \
         \"Registration_Message\" = 'MARKER', \"Windows_User_Name\" = NULL",
    );
    let on = if world.url.starts_with("sqlite:") {
        "1"
    } else {
        "true"
    };
    beside::run(
        &world.url,
        &format!(
            "UPDATE \"Sec_Users\" SET \"Two_Factor_Enabled\" = {on}, \"Basic_Authentication_Allowed\" = {on}"
        ),
    );
}

/// The sets whose changes the reader follows.
const TRACKED: &[&str] = &[
    "Systems_Security_Users",
    "Systems_Security_Users?$filter=contains(Name,'a')&$select=Login",
    "Systems_Security_UserGroups",
    "Systems_Security_Groups",
    "General_Contacts_Persons",
];

/// Delta links of the reader, as addresses below the service root.
fn tracked(world: &World, user: Uuid) -> Vec<String> {
    let office = Office::over(world, user);
    let caller = office.caller(user);
    let link = |address: &&str| {
        let page = office.get(&caller, &address.replace(' ', "%20"));
        assert_eq!(page.status, 200, "{address} {}", page.body);
        let link = page.tree()["@odata.deltaLink"].clone();
        let link = link
            .as_str()
            .unwrap_or_else(|| panic!("{address} {}", page.body));
        let root = crate::support::service::ROOT;
        link.strip_prefix(root).unwrap().to_owned()
    };
    TRACKED.iter().map(link).collect()
}

/// An answer without its tokens: they hold numbers of changes, sealed, and differ each time. Their
/// lengths stay.
fn untokened(body: &str) -> String {
    let mut text = String::new();
    let mut pieces = body.split("token=");
    text.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let end = piece.find('"').unwrap_or(piece.len());
        let (token, rest) = piece.split_at(end);
        text.push_str(&format!("token={}{rest}", token.len()));
    }
    text
}

/// What is hidden has changed in one of them; then the same that is visible changes in both.
fn deltas_are_the_same(
    (quiet, loud): (&Office<'_>, &Office<'_>),
    user: Uuid,
    links: &(Vec<String>, Vec<String>),
) {
    let (one, two) = (quiet.caller(user), loud.caller(user));
    let mut told = 0;
    for visible in [false, true] {
        if visible {
            for world in [quiet.world, loud.world] {
                let change = json!({"PhoneNumber": "+359 2 1"});
                write(world, Verb::Patch, &address(user), &change);
            }
        }
        for (number, (left, right)) in links.0.iter().zip(&links.1).enumerate() {
            let (a, b) = (quiet.get(&one, left), loud.get(&two, right));
            assert_eq!((a.status, b.status), (200, 200), "{} {}", a.body, b.body);
            let place = format!("{}: {}", quiet.world.name, TRACKED[number]);
            assert_eq!(untokened(&a.body), untokened(&b.body), "{place}");
            told += a.rows().len();
        }
        assert_eq!(told > 0, visible, "{}", quiet.world.name);
    }
}

#[test]
fn what_is_hidden_changes_no_answer() {
    let (quiet, loud, model) = (worlds(40), worlds(40), model());
    for (quiet, loud) in quiet.iter().zip(&loud) {
        let user = reader(quiet);
        assert_eq!(reader(loud), user, "the demonstration data are the same");
        paint(quiet, "plain");
        paint(loud, "MARKER");
        let links = (tracked(quiet, user), tracked(loud, user));
        disturb(loud, user);
        let keys = loud.all("Systems_Security_Users?$select=Id");
        let keys = keys
            .iter()
            .map(|row| row["Id"].as_str().unwrap().parse().unwrap());
        let mut asking = Asking {
            model: &model,
            rng: Rng::with_seed(20_261_126),
            keys: keys.collect(),
        };
        let (quiet, loud) = (Office::over(quiet, user), Office::over(loud, user));
        let (one, two) = (quiet.caller(user), loud.caller(user));
        let (mut told, mut refused) = (0, 0);
        for _ in 0..QUESTIONS {
            let question = asking.question();
            let encoded = question.replace(' ', "%20").replace('"', "%22");
            let (a, b) = (quiet.get(&one, &encoded), loud.get(&two, &encoded));
            assert_eq!(
                (a.status, untokened(&a.body)),
                (b.status, untokened(&b.body)),
                "{}: {question}",
                quiet.world.name
            );
            // A refusal repeats the question.
            let asked = question.contains("MARKER");
            assert!(
                asked || !b.body.contains("MARKER"),
                "{question}: {}",
                b.body
            );
            *(if a.status < 300 {
                &mut told
            } else {
                &mut refused
            }) += 1;
        }
        // Both happen, or the questions are no good.
        assert!(
            told > QUESTIONS / 5 && refused > QUESTIONS / 20,
            "{told} told, {refused} refused"
        );
        deltas_are_the_same((&quiet, &loud), user, &links);
        refused::changes_are_the_same(quiet.world, loud.world, user);
        elsewhere::answers_are_the_same(quiet.world, loud.world, user);
    }
}
