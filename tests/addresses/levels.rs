//! `$expand=*($levels=n)`: everything that is related, and what is related to that (OData 4.01
//! Part 2, 5.1.3).

use userdex::model::Model;

use crate::support::encode_query;
use crate::support::world::on_each_world;

/// The references and collections of a set, each with something behind it.
fn named(model: &Model, set: &str, behind: impl Fn(&str) -> String) -> String {
    let entity = model.entity(model.set(set).unwrap());
    let references = entity.references.iter().map(|r| (&r.name, r.target));
    let collections = entity.collections.iter().map(|c| (&c.name, c.target));
    let all = references.chain(collections);
    let all = all.map(|(name, target)| format!("{name}{}", behind(&model.entity(target).set)));
    all.collect::<Vec<_>>().join(",")
}

#[test]
fn a_star_goes_as_deep_as_it_is_told() {
    const SET: &str = "Systems_Security_UserGroups";
    let model = Model::shipped().unwrap();
    let one = named(&model, SET, |_| String::new());
    let two = named(&model, SET, |set| {
        format!("($expand={})", named(&model, set, |_| String::new()))
    });
    on_each_world(3, |world| {
        let rows = |expand: &str, version: &str| {
            let address = encode_query(&format!("{SET}?$top=2&$expand={expand}"));
            let reply = world.send("GET", &address, &[("OData-MaxVersion", version)], b"");
            assert_eq!(
                reply.status, 200,
                "{}: {expand}\n{}",
                world.name, reply.body
            );
            // Next links repeat what was asked for.
            let body = reply.body.split("nextLink").next().unwrap().to_owned();
            assert!(body.len() > 500, "{}: {body}", world.name);
            body
        };
        for version in ["4.0", "4.01"] {
            for (star, expected) in [("*($levels=1)", &one), ("*($levels=2)", &two)] {
                let found = rows(star, version);
                assert_eq!(found, rows(expected, version), "{}: {star}", world.name);
            }
        }
        for (set, levels, status) in [
            ("Systems_Security_Users", "max", 200),
            (SET, "max", 200),
            (SET, "3", 200),
            (SET, "4", 400),
        ] {
            let address = encode_query(&format!("{set}?$top=1&$expand=*($levels={levels})"));
            let reply = world.send("GET", &address, &[], b"");
            assert_eq!(reply.status, status, "{address}: {}", reply.body);
            if status == 400 {
                assert_eq!(reply.code(), "LimitExceeded", "{address}: {}", reply.body);
            }
        }
    });
}
