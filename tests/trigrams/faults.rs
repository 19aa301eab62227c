//! Indexes that are not whole, and databases that cannot have them.

use diesel::PgConnection;
use diesel::connection::{Connection as _, SimpleConnection as _};
use userdex::diag::Code;
use userdex::model::Model;
use userdex::store::{Store, TrigramFault, TrigramState};

use crate::kit::{USERS, check, must, new_user, turn};
use crate::support::world::worlds;
use crate::support::{beside, encode_query};

#[test]
fn what_somebody_else_removed_is_not_relied_on() {
    let world = worlds(30).remove(0);
    turn(&world.url, &world.model, true);
    must(&world, "POST", USERS, &new_user(0, "първият"));
    beside::run(
        &world.url,
        "DROP TRIGGER \"FT_Sec_Users_Name_Substring_added\"",
    );
    must(&world, "POST", USERS, &new_user(1, "вторият"));
    let found = encode_query(&format!("{USERS}/$count?$filter=contains(Name,'вторият')"));
    assert_eq!(world.count(&found), 1);
    let at = world
        .model
        .searched()
        .position(|s| world.model.searched_path(&s) == "Systems_Security_Users/Name");
    assert_eq!(
        world.store.trigrams(&world.model).unwrap()[at.unwrap()],
        TrigramState::Broken(TrigramFault::NoTriggers)
    );
    turn(&world.url, &world.model, true);
    check(&world);
    assert_eq!(world.count(&found), 1);
}

/// What `userdex doctor` finds of indexes of trigrams, a line each.
fn doctor(url: &str, arguments: &[&str]) -> Vec<String> {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_userdex"))
        .args([&["doctor"], arguments].concat())
        .env("USERDEX_DATABASE__URL", url)
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(2),
        "there is no second administrator"
    );
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines = lines.lines().filter(|line| line.starts_with("Trigrams"));
    lines.map(str::to_owned).collect()
}

/// What somebody else does, and how the doctor's only line begins and ends.
type Harm = (&'static str, &'static [&'static str], &'static str);

#[test]
fn the_doctor_finds_indexes_that_are_not_whole() {
    const SQLITE: &[Harm] = &[
        (
            "DROP TABLE \"FT_Sec_Users_Name_Substring\"",
            &[],
            "TrigramsWithoutTable: 1 indexes of trigrams are gone but for their triggers, so that \
             changes fail, of: Systems_Security_Users/Name",
        ),
        (
            "DROP TRIGGER \"FT_Sec_Users_Name_Substring_removed\"",
            &[],
            "TrigramsWithoutTriggers: 1 indexes of trigrams have lost triggers, and are not used, \
             of: Systems_Security_Users/Name",
        ),
        (
            "INSERT INTO \"FT_Sec_Users_Name_Substring\" (\"FT_Sec_Users_Name_Substring\") \
             VALUES ('delete-all')",
            &["--contents"],
            "TrigramsDiffer: 1 indexes of trigrams say other things than is stored, so that \
             searches miss objects, of: Systems_Security_Users/Name",
        ),
    ];
    const POSTGRES: &[Harm] = &[(
        "UPDATE pg_index SET indisvalid = false \
         WHERE indexrelid = '\"IX_Sec_Users_Name_Substring\"'::regclass",
        &[],
        "TrigramsNotValid: 1 indexes of trigrams are not valid, and are not used, of: \
         Systems_Security_Users/Name",
    )];
    for world in worlds(30) {
        let none: [&str; 0] = [];
        let harms = match world.url.strip_prefix("sqlite:") {
            Some(_) => SQLITE,
            None => POSTGRES,
        };
        assert_eq!(doctor(&world.url, &["--contents"]), none);
        for (number, (sql, arguments, line)) in harms.iter().enumerate() {
            turn(&world.url, &world.model, true);
            assert_eq!(doctor(&world.url, &["--contents"]), none);
            beside::run(&world.url, sql);
            assert_eq!(doctor(&world.url, arguments), [*line]);
            let is_told = arguments.is_empty();
            assert_eq!(doctor(&world.url, &[]).is_empty(), !is_told);
            // What it says helps.
            turn(&world.url, &world.model, true);
            assert_eq!(doctor(&world.url, &["--contents"]), none);
            must(&world, "POST", USERS, &new_user(number, "който идва после"));
        }
        turn(&world.url, &world.model, false);
        assert_eq!(doctor(&world.url, &["--contents"]), none);
    }
}

#[test]
fn triggers_without_their_table_are_removed() {
    for world in worlds(30) {
        if world.url.starts_with("sqlite:") {
            turn(&world.url, &world.model, true);
            beside::run(&world.url, "DROP TABLE \"FT_Sec_Users_Name_Substring\"");
            let reply = world.json("POST", USERS, &new_user(0, "първият"));
            assert!(reply.status >= 500, "{}", reply.body);
            turn(&world.url, &world.model, false);
            must(&world, "POST", USERS, &new_user(0, "първият"));
        }
    }
}

#[test]
fn without_the_extension_nothing_changes() {
    let Some(url) = crate::support::postgres::empty_database("without") else {
        return;
    };
    let mut admin = PgConnection::establish(&url).unwrap();
    admin
        .batch_execute(
            "CREATE ROLE without LOGIN; GRANT CREATE, USAGE ON SCHEMA public TO without; \
             REVOKE CREATE ON DATABASE without FROM PUBLIC",
        )
        .unwrap();
    let url = url.replace("user=postgres", "user=without");
    let store = Store::open(&url.parse().unwrap(), &crate::support::patient()).unwrap();
    store.migrate().unwrap();
    let model = Model::shipped().unwrap();
    let first = model.searched().next().unwrap();
    let refused = store
        .turn_trigrams_on(&model, &first, &mut |_| {})
        .unwrap_err();
    assert_eq!(refused.code(), Code::DatabaseFault);
    assert!(refused.to_string().contains("pg_trgm"), "{refused}");
    assert!(
        store
            .trigrams(&model)
            .unwrap()
            .iter()
            .all(|s| *s == TrigramState::Off)
    );
    admin.batch_execute("CREATE EXTENSION pg_trgm").unwrap();
    store.turn_trigrams_on(&model, &first, &mut |_| {}).unwrap();
    assert_eq!(store.trigrams(&model).unwrap()[0], TrigramState::On);
}
