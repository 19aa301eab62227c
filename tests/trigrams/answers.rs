//! The same bytes with and without.

use serde_json::{Value as Json, json};

use crate::kit::{USERS, check, must, new_user, turn, user};
use crate::support::world::{World, text, worlds};
use crate::support::{encode, encode_query};

/// Numbers that look like chance and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

/// Names that no demonstration user has, with everything that could mean something to somebody.
const NAMES: &[&str] = &[
    "100% \"quoted\" it's_under \\ back",
    "\u{1f600}\u{1f601}\u{1f602} усмивки",
    "AND OR NOT NEAR(a b)",
    "col:x* ^y {z} -w +v",
    "ÀÉÎ Straße ΣΊΣΥΦΟΣ İstanbul",
    "a\u{301}e\u{301} комбинирани",
    "\u{fffe}\u{ffff}\u{10ffff} краища",
    "ааааааааа",
    "a",
    "аб",
];

/// Texts to look for: pieces of what there is, of all lengths, and what means something elsewhere.
fn patterns(dice: &mut Dice, stored: &[String]) -> Vec<String> {
    let mut patterns: Vec<String> = [
        "а",
        "ов",
        "ова",
        "\u{1f600}",
        "\u{1f600}\u{1f601}\u{1f602}",
        "%",
        "_",
        "%_%",
        "\"",
        "\"\"\"",
        "''",
        "it's",
        "\\",
        "OR",
        "AND OR",
        "\" OR \"",
        "NEAR(",
        "col:x*",
        "*",
        "^y {",
        "-w +",
        "qqq",
        "ааа",
        "ааааааааааааааа",
        "straße",
        "STRASSE",
        "σίσυφοσ",
        "i\u{307}st",
        "\u{fffe}\u{ffff}\u{10ffff}",
        "\u{fffe}\u{fffe}\u{fffe}",
        "   ",
        "a\u{301}e",
    ]
    .map(str::to_owned)
    .into();
    for _ in 0..24 {
        let from: Vec<char> = stored[dice.below(stored.len())].chars().collect();
        let start = dice.below(from.len());
        let length = 1 + dice.below((from.len() - start).min(12));
        let mut piece: String = from[start..start + length].iter().collect();
        if dice.below(3) == 0 {
            piece = piece.to_uppercase();
        }
        if dice.below(8) == 0 {
            piece.push(['я', 'z', '"', '\u{1f600}'][dice.below(4)]);
        }
        patterns.push(piece);
    }
    patterns.push(
        stored
            .iter()
            .map(String::as_str)
            .collect::<String>()
            .chars()
            .take(250)
            .collect(),
    );
    patterns
}

/// Requests that look for a text, and of which trigrams answer some.
const FORMS: &[&str] = &[
    "Systems_Security_Users?$filter=contains(Name,TEXT)&$select=Id,Login,Name&$top=7&$count=true",
    "Systems_Security_Users?$filter=not contains(Name,TEXT)&$select=Id&$top=5&$count=true",
    "Systems_Security_Users?$filter=startswith(Name,TEXT) or endswith(Name,TEXT)&$select=Id",
    "Systems_Security_Users?$filter=contains(Login,TEXT) or contains(Email,TEXT)&$select=Id,Login&$orderby=Login desc",
    "Systems_Security_Users?$filter=startswith(Login,TEXT) or endswith(Email,TEXT)&$select=Id",
    "Systems_Security_Users?$filter=contains(Email,TEXT) and Active eq true&$select=Id,Email&$orderby=Email",
    "Systems_Security_Users?$filter=not contains(Email,TEXT)&$select=Id&$count=true&$top=3",
    "Systems_Security_Users?$filter=contains(Email,TEXT) eq false or contains(Name,TEXT)&$select=Id&$top=4&$count=true",
    "Systems_Security_Users?$filter=contains(Name/BG,TEXT)&$select=Id",
    "Systems_Security_Users?$filter=contains(Name,TEXT)&$select=Login&$expand=Groups($select=Id;$expand=Group($select=Name))&$top=3",
    "Systems_Security_Users?$filter=Groups/any(g:contains(g/User/Name,TEXT))&$select=Id&$top=9&$count=true",
    "Systems_Security_Users?$filter=Groups/all(g:contains(g/User/Email,TEXT)) and contains(Login,TEXT)&$select=Id",
    "Systems_Security_Users?$apply=filter(contains(Name,TEXT))/groupby((UserType),aggregate($count as N))",
    "Systems_Security_UserGroups?$filter=contains(User/Name,TEXT)&$select=Id&$top=8&$count=true",
    "Systems_Security_UserGroups?$filter=contains(User/Login,TEXT) or contains(User/Email,TEXT)&$select=Id",
    "Systems_Security_Groups?$filter=contains(Name,TEXT) or startswith(Name,TEXT)&$select=Id,Name",
    "Systems_Security_Users/$count?$filter=contains(Name,TEXT)",
    "Systems_Security_Users?$search=PHRASE&$select=Id,Login&$top=6",
    "Systems_Security_Users?$search=NOT PHRASE&$select=Id&$top=4&$count=true",
];

/// What all forms answer about all patterns, refusals too.
fn answers(world: &World, patterns: &[String]) -> Vec<String> {
    let mut answers = Vec::new();
    for pattern in patterns {
        let quoted = format!("'{}'", pattern.replace('\'', "''"));
        let phrase = format!("\"{}\"", pattern.replace('\\', "\\\\").replace('"', "\\\""));
        for form in FORMS {
            let mut address = encode_query(form)
                .replace("TEXT", &encode(&quoted))
                .replace("PHRASE", &encode(&phrase).replace('*', "%2A"));
            for _ in 0..3 {
                let reply = world.send("GET", &address, &[], b"");
                assert!(
                    reply.status < 500,
                    "{}: {address}: {}",
                    world.name,
                    reply.body
                );
                let next = text(&reply.tree()["@odata.nextLink"]);
                let body = match reply.status {
                    200 => reply.body.replace(&world.host(), "HOST"),
                    // Each refusal has an id of its own.
                    _ => reply.code(),
                };
                answers.push(format!("{form} {pattern:?}\n{} {body}", reply.status));
                match next.split_once(crate::support::world::PATH) {
                    Some((_, next)) => address = next.to_owned(),
                    None => break,
                }
            }
        }
    }
    answers
}

/// Sees that each form is allowed, and finds something.
fn assert_finds(answers: &[String]) {
    for form in FORMS {
        let good = |answer: &&String| {
            let mut rows = ["\"Id\"", "\"Login\"", "\"N\""].iter();
            let finds = rows.any(|row| answer.contains(row)) || form.contains("$count?");
            answer.starts_with(form) && answer.contains("\n200 ") && finds
        };
        assert!(answers.iter().any(|a| good(&a)), "{form} finds nothing");
    }
}

fn assert_same(what: &str, one: &[String], other: &[String]) {
    assert_eq!(one.len(), other.len(), "{what}");
    for (one, other) in one.iter().zip(other) {
        assert_eq!(one, other, "{what}");
    }
}

/// Without what is sealed with the key of one database.
fn without_links(answers: &[String]) -> Vec<String> {
    let cut = |answer: &String| match answer.split_once("\"@odata.nextLink\"") {
        Some((before, _)) => before.to_owned(),
        None => answer.clone(),
    };
    answers.iter().map(cut).collect()
}

/// Changes of every kind, the same on every database.
fn change(world: &World) {
    let nulls = json!({"Email": null});
    must(
        world,
        "PATCH",
        &user(0),
        &json!({"Name": {"EN": "новото име", "BG": "друго"}}),
    );
    must(
        world,
        "PATCH",
        &user(1),
        &json!({"Email": "new.mail@example.org"}),
    );
    must(world, "PATCH", &user(1), &nulls);
    must(
        world,
        "PATCH",
        &user(2),
        &json!({"Login": "СМЕНЕН", "Notes": "no text that is searched"}),
    );
    must(world, "DELETE", &user(3), &json!({}));
    must(world, "PUT", &user(4), &new_user(4, "заместен изцяло"));
    let object = |number: usize, action: &str, name: &str| {
        let mut object = new_user(number, name);
        object["@odata.type"] = json!("Erp.Systems_Security_User");
        object["@erpnet.action"] = json!(action);
        object
    };
    let import = json!({"objects": [object(90, "create", "внесен човек"), object(5, "merge", "променен при внасяне"), object(91, "create", "")]});
    must(world, "POST", "Import", &import);
    // What is undone leaves nothing.
    let batch = json!({"requests": [
        {"id": "1", "method": "POST", "atomicityGroup": "g", "url": USERS, "body": new_user(92, "изчезнал")},
        {"id": "2", "method": "POST", "atomicityGroup": "g", "url": USERS, "body": {"Login": "extra0", "UserType": "VirtualUserNoLogin", "Name": {"EN": "x"}}},
    ]});
    let reply = world.json("POST", "$batch", &batch);
    assert!(!reply.body.contains("\"status\":201"), "{}", reply.body);
}

#[test]
fn on_and_off_are_the_same_bytes_over_changes() {
    let mut of_all: Vec<Vec<Vec<String>>> = Vec::new();
    for world in worlds(120) {
        for (number, name) in NAMES.iter().enumerate() {
            must(&world, "POST", USERS, &new_user(number, name));
        }
        let rows = world.all(&format!("{USERS}?$select=Login,Name,Email&$orderby=Login"));
        let mut stored: Vec<String> = Vec::new();
        for row in &rows {
            let names = row["Name"].as_object().unwrap().values().map(text);
            stored.extend(names.chain([text(&row["Login"]), text(&row["Email"])]));
        }
        // The tester is not in every database.
        stored.retain(|text| !text.is_empty() && !text.contains("ester"));
        let patterns = patterns(&mut Dice(7), &stored);
        let off = answers(&world, &patterns);
        assert_finds(&off);
        turn(&world.url, &world.model, true);
        check(&world);
        assert_same("off, on", &off, &answers(&world, &patterns));
        change(&world);
        check(&world);
        let mut patterns = patterns;
        for new in [
            "овото",
            "внесе",
            "внасян",
            "изцяло",
            "изчезн",
            "new.mail",
            "СМЕН",
            "extra",
        ] {
            patterns.push(new.to_owned());
        }
        let on = answers(&world, &patterns);
        turn(&world.url, &world.model, false);
        assert_same("on, off after changes", &on, &answers(&world, &patterns));
        let found = |pattern: &str| {
            let one = format!("{} \"{pattern}\"\n", FORMS[0]);
            on.iter()
                .find(|answer| answer.starts_with(&one))
                .unwrap()
                .clone()
        };
        for (pattern, count) in [("овото", 1), ("внасян", 1), ("изцяло", 1), ("изчезн", 0)]
        {
            let answer = found(pattern);
            assert!(
                answer.contains(&format!("\"@odata.count\":{count},")),
                "{answer}"
            );
        }
        of_all.push(vec![without_links(&off), without_links(&on)]);
    }
    if let [one, other] = of_all.as_slice() {
        for (one, other) in one.iter().zip(other) {
            assert_same("both databases", one, other);
        }
    }
}

#[test]
fn a_transaction_finds_its_own_changes() {
    for world in worlds(60) {
        turn(&world.url, &world.model, true);
        must(&world, "POST", USERS, &new_user(0, "старият текст"));
        must(&world, "POST", USERS, &new_user(1, "старият текст остава"));
        let id = world.json("POST", "BeginTransaction", &json!({})).body;
        let inside = |method: &str, path: &str, body: &Json| {
            let headers = [
                ("TransactionId", id.as_str()),
                ("Content-Type", "application/json"),
            ];
            let body = if method == "GET" {
                String::new()
            } else {
                body.to_string()
            };
            world.send(method, path, &headers, body.as_bytes())
        };
        let logins = |needle: &str| {
            let filter =
                format!("{USERS}?$filter=contains(Name,'{needle}')&$select=Login&$orderby=Login");
            let address = encode_query(&filter);
            let reply = inside("GET", &address, &json!(null));
            assert_eq!(reply.status, 200, "{}", reply.body);
            let rows = reply.tree()["value"].as_array().unwrap().clone();
            rows.iter()
                .map(|row| text(&row["Login"]))
                .collect::<Vec<_>>()
        };
        assert_eq!(logins("старият"), ["extra0", "extra1"]);
        for (method, path, body) in [
            ("PATCH", user(0), json!({"Name": {"EN": "прясна дума"}})),
            ("POST", USERS.to_owned(), new_user(2, "прясна нова")),
        ] {
            let reply = inside(method, &path, &body);
            assert!(reply.status < 300, "{}", reply.body);
        }
        assert_eq!(logins("старият"), ["extra1"], "{}", world.name);
        assert_eq!(logins("прясна"), ["extra0", "extra2"], "{}", world.name);
        let reply = inside("POST", "EndTransaction", &json!({"commit": true}));
        assert_eq!(reply.status, 204, "{}", reply.body);
        let found = encode_query(&format!("{USERS}/$count?$filter=contains(Name,'прясна')"));
        assert_eq!(world.count(&found), 2);
        check(&world);
    }
}
