//! Times that a query computes, outside the years that OData has: PostgreSQL could not even hold them.

use serde_json::Value as Json;

use crate::USERS;
use crate::support::encode_query;
use crate::support::world::{Reply, World, on_each_world};

fn get(world: &World, address: &str) -> Reply {
    world.send("GET", &encode_query(address), &[], b"")
}

#[test]
fn computed_times_outside_the_calendar_are_refused() {
    on_each_world(3, |world| {
        let far = "now() sub duration'P9999999D'";
        for constant in [
            far,
            "now() sub duration'P3000000D'",
            "now() add duration'P3000000D'",
            "mindatetime() sub duration'PT1S'",
            "maxdatetime() add duration'PT1S'",
            "date(now()) sub duration'P3000000D'",
        ] {
            for address in [
                format!("{USERS}/$count?$filter=CreationTimeUtc lt {constant}"),
                format!("{USERS}?$filter=CreationTimeUtc in (now(),{constant})"),
                format!("{USERS}/$filter(CreationTimeUtc lt {constant})"),
                format!("{USERS}?$filter=Groups/any(g:g/User/CreationTimeUtc lt {constant})"),
                format!("{USERS}?$filter=date(CreationTimeUtc) gt date({constant})"),
                format!("{USERS}?$filter=year(CreationTimeUtc) gt year({constant})"),
                format!("{USERS}?$apply=filter(CreationTimeUtc lt {constant})"),
                format!("{USERS}?$select=X&$compute={constant} as X"),
            ] {
                let reply = get(world, &address);
                assert_eq!(
                    (reply.status, reply.code().as_str()),
                    (400, "InvalidValue"),
                    "{}: {address}: {}",
                    world.name,
                    reply.body
                );
            }
        }
        for day in ["0000-12-31", "-0001-01-01", "-25362-01-01", "10000-01-01"] {
            let address = format!("{USERS}?$filter=date(CreationTimeUtc) gt {day}");
            let reply = get(world, &address);
            assert_eq!(reply.status, 400, "{}: {address}", world.name);
        }
        let all = world.count(&format!(
            "{USERS}/$count?$filter=CreationTimeUtc%20ge%201900-01-01T00:00:00Z"
        ));
        assert!(all > 0);
        // The ends of the calendar are in it.
        for (filter, number) in [
            ("CreationTimeUtc gt mindatetime()", all),
            ("CreationTimeUtc gt maxdatetime()", 0),
            ("date(CreationTimeUtc) le 9999-12-31", all),
            ("date(CreationTimeUtc) ge 0001-01-01", all),
            ("CreationTimeUtc gt now() sub duration'P720000D'", all),
        ] {
            let address = encode_query(&format!("{USERS}/$count?$filter={filter}"));
            assert_eq!(world.count(&address), number, "{}: {filter}", world.name);
        }
    });
}

#[test]
fn computed_times_of_rows_outside_the_calendar_are_null() {
    on_each_world(3, |world| {
        let of_rows = [
            "CreationTimeUtc sub duration'P9999999D'",
            "date(CreationTimeUtc) sub duration'P9999999D'",
            "date(CreationTimeUtc sub duration'P9999999D')",
            "year(CreationTimeUtc add duration'P3000000D')",
        ];
        for formula in of_rows {
            let address = format!("{USERS}?$top=1&$select=X&$compute={formula} as X");
            let reply = get(world, &address);
            assert_eq!(reply.status, 200, "{address}: {}", reply.body);
            assert_eq!(reply.tree()["value"][0]["X"], Json::Null, "{address}");
        }
        let formula = "CreationTimeUtc sub duration'P720000D' as X";
        let reply = get(
            world,
            &format!("{USERS}?$top=1&$select=X&$compute={formula}"),
        );
        let row = reply.tree()["value"][0].clone();
        assert!(row["X"].as_str().unwrap().starts_with("00"), "{row}");
        assert_eq!(row["X@odata.type"], "#DateTimeOffset", "{row}");
    });
}
