//! Addresses of objects that requests bring: those of other services are none of this one.

use serde_json::{Value as Json, json};

use crate::support::encode_query;
use crate::support::world::on_each_world;

const USERS: &str = "Systems_Security_Users";
const DOMAINS: &str = "Systems_Security_Domains";

#[test]
fn objects_of_other_services_are_not_taken_for_ours() {
    on_each_world(0, |world| {
        let made = |set: &str, body: &Json| {
            let reply = world.json("POST", set, body);
            assert_eq!(reply.status, 201, "{}", reply.body);
            reply.tree()["Id"].as_str().unwrap().to_owned()
        };
        let domain = made(DOMAINS, &json!({"Name": "kept.example"}));
        let bound = |address: &str, login: &str| {
            let body = json!({"Login": login, "Name": {"EN": login}, "UserType": "VirtualUserNoLogin",
                              "Domain@odata.bind": address});
            world.json("POST", USERS, &body)
        };
        let found = |address: &str| {
            let query = encode_query(&format!("$entity?$id={address}"));
            world.send("GET", &query, &[], b"")
        };
        let filtered = |address: &str| {
            let query = format!("{USERS}?$filter=Domain eq '{address}'&$select=Login");
            world.send("GET", &encode_query(&query), &[], b"")
        };
        let object = |address: &str| {
            let query = format!("{USERS}?$filter=Domain eq @d&@d={{\"@odata.id\":\"{address}\"}}");
            world.send("GET", &encode_query(&query), &[], b"")
        };
        let grouped = |address: &str| {
            let query = format!("{USERS}?$apply=groupby((Domain))/filter(Domain eq '{address}')");
            world.send("GET", &encode_query(&query), &[], b"")
        };
        let ours = [
            format!("{DOMAINS}({domain})"),
            format!("/{DOMAINS}({domain})"),
            format!("/api/domain/odata/{DOMAINS}({domain})"),
            format!("http://localhost/api/domain/odata/{DOMAINS}({domain})"),
            format!("https://users.example:8443/behind/api/domain/odata/{DOMAINS}/{domain}"),
        ];
        for (number, address) in ours.iter().enumerate() {
            let place = format!("{}: {address}", world.name);
            let login = format!("user{number}");
            assert_eq!(bound(address, &login).status, 201, "{place}");
            assert_eq!(found(address).tree()["Name"], "kept.example", "{place}");
            for rows in [filtered(address), object(address)] {
                let rows = rows.tree()["value"].as_array().unwrap().len();
                assert_eq!(rows, number + 1, "{place}");
            }
            let groups = grouped(address);
            assert_eq!(
                groups.tree()["value"].as_array().unwrap().len(),
                1,
                "{place}"
            );
        }
        for address in [
            format!("https://evil.example/other/service/{DOMAINS}({domain})"),
            format!("http://evil/{DOMAINS}({domain})"),
            format!("//evil/{DOMAINS}/{domain}"),
            format!("/other/{DOMAINS}({domain})"),
        ] {
            let place = format!("{}: {address}", world.name);
            for reply in [
                bound(&address, "other"),
                found(&address),
                filtered(&address),
                object(&address),
                grouped(&address),
            ] {
                assert_eq!(reply.status, 400, "{place}\n{}", reply.body);
            }
        }
    });
}
