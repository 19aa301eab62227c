use super::fixture::{Fixture, ROOT};
use crate::diag::Code;
use crate::service::{ODataVersion, ServiceSettings};
use crate::value::Language;

fn small() -> Fixture {
    Fixture::new(ServiceSettings::default(), 0)
}

fn id(n: u128) -> String {
    uuid::Uuid::from_u128(n).to_string()
}

/// Writes short forms out: `<11>` is guid number 0x11, `~` is the service root.
fn long(text: &str) -> String {
    let text = text.replace('~', ROOT);
    let mut parts = text.split('<');
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('>').unwrap();
        out.push_str(&id(u128::from_str_radix(number, 16).unwrap()));
        out.push_str(rest);
    }
    out
}

#[test]
fn bodies() {
    let service = small();
    for (address, expected) in [
        (
            "Systems_Security_Users?$select=Login,Name&$orderby=Login desc&$top=2&$count=true",
            r##"{"@odata.context":"~$metadata#Systems_Security_Users(Login,Name)","@odata.count":3,"value":[{"@odata.id":"Systems_Security_Users(<3>)","@odata.etag":"W/\"2\"","Login":"cid","Name":{"BG":"Сид"}},{"@odata.id":"Systems_Security_Users(<2>)","@odata.etag":"W/\"1\"","Login":"bob","Name":{"EN":"=Bob"}}]}"##,
        ),
        (
            "Systems_Security_Users?$top=0&$count=true&$select=Id",
            r##"{"@odata.context":"~$metadata#Systems_Security_Users(Id)","@odata.count":3,"value":[]}"##,
        ),
        (
            "Systems_Security_Users?$filter=Login eq 'ann'&$select=Login&$count=true&$format=application/json;IEEE754Compatible=true;odata.metadata=none",
            r##"{"@odata.count":"1","value":[{"Login":"ann"}]}"##,
        ),
        (
            "Systems_Security_Users(<2>)?$select=Login,Email,Person&options=skipnulls",
            r##"{"@odata.context":"~$metadata#Systems_Security_Users(Login,Email,Person)/$entity","@odata.id":"Systems_Security_Users(<2>)","@odata.etag":"W/\"1\"","Login":"bob"}"##,
        ),
        (
            "Systems_Security_Users(<1>)?$select=Id,Name/BG,Person,CreationTimeUtc,UserType&$format=application/json;odata.metadata=full",
            r##"{"@odata.context":"~$metadata#Systems_Security_Users(Id,Name/BG,Person,CreationTimeUtc,UserType)/$entity","@odata.type":"#Erp.Systems_Security_User","@odata.id":"Systems_Security_Users(<1>)","@odata.etag":"W/\"17\"","@odata.editLink":"Systems_Security_Users(<1>)","Id@odata.type":"#Guid","Id":"<1>","CreationTimeUtc@odata.type":"#DateTimeOffset","CreationTimeUtc":"2020-01-02T03:04:05.678Z","Name":{"@odata.type":"#Erp.MultilanguageString","BG":"Ан Ли"},"UserType@odata.type":"#Erp.Systems_Security_Users_UserType","UserType":"InternalUser","Person@odata.associationLink":"Systems_Security_Users(<1>)/Person/$ref","Person@odata.navigationLink":"Systems_Security_Users(<1>)/Person","Person":{"@odata.id":"General_Contacts_Persons(<11>)"}}"##,
        ),
        (
            "Systems_Security_Users(<1>)/Name",
            r##"{"@odata.context":"~$metadata#Systems_Security_Users(<1>)/Name","EN":"Ann \"A\" Lee","BG":"Ан Ли"}"##,
        ),
        (
            "Systems_Security_Users(<1>)/Login",
            r##"{"@odata.context":"~$metadata#Systems_Security_Users(<1>)/Login","value":"ann"}"##,
        ),
        ("Systems_Security_Users(<1>)/Login/$value", "ann"),
        (
            "Systems_Security_Users(<1>)/UserType/$value",
            "InternalUser",
        ),
        (
            "Systems_Security_Users(<1>)/DisplayText/$value",
            "Ann \"A\" Lee",
        ),
        (
            "Systems_Security_Users(<1>)/Person/$ref",
            r##"{"@odata.context":"~$metadata#$ref","@odata.id":"General_Contacts_Persons(<11>)"}"##,
        ),
        (
            "Systems_Security_Users(<1>)/Groups/$ref",
            r##"{"@odata.context":"~$metadata#Collection($ref)","value":[{"@odata.id":"Systems_Security_UserGroups(<31>)"},{"@odata.id":"Systems_Security_UserGroups(<32>)"}]}"##,
        ),
        ("Systems_Security_Users(<1>)/Groups/$count", "2"),
        ("Systems_Security_Users(<2>)/Groups/$count", "0"),
        (
            "Systems_Security_Users?$format=ndjson&$select=Login&$orderby=Login",
            "{\"Login\":\"ann\"}\n{\"Login\":\"bob\"}\n{\"Login\":\"cid\"}\n",
        ),
        (
            "Systems_Security_Users?$format=ndjson&$filter=Login eq 'no'",
            "",
        ),
        (
            "Systems_Security_Users?$format=csv&$select=Login,Name/EN,Name/BG,Person",
            "Login,Name.EN,Name.BG,Person\r\nann,\"Ann \"\"A\"\" Lee\",Ан Ли,General_Contacts_Persons(<11>)\r\nbob,'=Bob,,\r\ncid,,Сид,General_Contacts_Persons(<12>)\r\n",
        ),
        (
            "Systems_Security_Users?$format=csv&$select=Login&$filter=Login eq 'no'",
            "Login\r\n",
        ),
        (
            "Systems_Security_Users?$format=csv&$select=Login&$expand=Person($select=Id,PartyName/EN),Groups/$count",
            "Login,Person.Id,Person.PartyName.EN,Groups.$count\r\nann,<11>,Ann Lee,2\r\nbob,,,0\r\ncid,<12>,Петър,1\r\n",
        ),
    ] {
        let expected = long(expected);
        assert_eq!(service.get(&long(address)), expected, "{address}");
    }
}

#[test]
fn expansions_are_stitched_into_their_parents() {
    let service = small();
    for (address, expected) in [
        (
            "Systems_Security_Users?$select=Login&$expand=Groups($select=Id;$expand=Group($select=Name);$count=true),Person($select=PartyName)&$format=application/json;odata.metadata=none",
            r##"{"value":[{"Login":"ann","Person":{"PartyName":{"EN":"Ann Lee"}},"Groups@odata.count":2,"Groups":[{"Id":"<31>","Group":{"Name":{"EN":"Admins"}}},{"Id":"<32>","Group":{"Name":{"EN":"Staff"}}}]},{"Login":"bob","Person":null,"Groups@odata.count":0,"Groups":[]},{"Login":"cid","Person":{"PartyName":{"EN":"Петър"}},"Groups@odata.count":1,"Groups":[{"Id":"<33>","Group":{"Name":{"EN":"Staff"}}}]}]}"##,
        ),
        (
            "Systems_Security_Users?$select=Login&$expand=Groups($select=Id;$top=1;$orderby=Id desc)&$format=application/json;odata.metadata=none&$filter=Login eq 'ann'",
            r##"{"value":[{"Login":"ann","Groups":[{"Id":"<32>"}]}]}"##,
        ),
        (
            "Systems_Security_Users?$select=Login&$expand=Groups/$ref,Person/$ref&$filter=Login in ('bob','cid')&$format=application/json;odata.metadata=none",
            r##"{"value":[{"Login":"bob","Person":null,"Groups":[]},{"Login":"cid","Person":{"@odata.id":"General_Contacts_Persons(<12>)"},"Groups":[{"@odata.id":"Systems_Security_UserGroups(<33>)"}]}]}"##,
        ),
        (
            "Systems_Security_Users?$select=Login&$expand=Groups/$count,Person($select=Id)&options=skipnulls&$format=application/json;odata.metadata=none&$filter=Login eq 'bob'",
            r##"{"value":[{"Login":"bob","Groups@odata.count":0}]}"##,
        ),
        (
            "Systems_Security_Users(<1>)?$select=Login&$expand=Person($select=Id)",
            r##"{"@odata.context":"~$metadata#Systems_Security_Users(Login,Person(Id))/$entity","@odata.id":"Systems_Security_Users(<1>)","@odata.etag":"W/\"17\"","Login":"ann","Person":{"@odata.id":"General_Contacts_Persons(<11>)","@odata.etag":"W/\"0\"","Id":"<11>"}}"##,
        ),
    ] {
        assert_eq!(service.get(&long(address)), long(expected), "{address}");
    }
}

#[test]
fn heads() {
    let service = small();
    for (address, status, content_type, etag) in [
        (
            "Systems_Security_Users(<1>)",
            200,
            Some("application/json;odata.metadata=minimal;charset=utf-8"),
            Some("W/\"17\""),
        ),
        (
            "Systems_Security_Users(<1>)/Login/$value",
            200,
            Some("text/plain;charset=utf-8"),
            None,
        ),
        (
            "Systems_Security_Users/$count",
            200,
            Some("text/plain;charset=utf-8"),
            None,
        ),
        ("Systems_Security_Users(<2>)/Person", 204, None, None),
        ("Systems_Security_Users(<2>)/Person/$ref", 204, None, None),
        ("Systems_Security_Users(<2>)/Email", 204, None, None),
        ("Systems_Security_Users(<2>)/Email/$value", 204, None, None),
    ] {
        let answered = service.ask(&long(address), None, None).unwrap();
        let head = answered.head();
        assert_eq!(head.status, status, "{address}");
        assert_eq!(head.content_type.as_deref(), content_type, "{address}");
        assert_eq!(head.etag.as_deref(), etag, "{address}");
        assert_eq!(head.length, Some(answered.body().len()), "{address}");
        assert_eq!(
            answered.chunks.len(),
            usize::from(status == 200),
            "{address}"
        );
    }
}

#[test]
fn refusals() {
    let service = small();
    for (address, code, message) in [
        (
            "Systems_Security_Users(<99>)",
            Code::NotFound,
            "there is nothing at `Systems_Security_Users(<99>)`",
        ),
        (
            "Systems_Security_Users(<99>)/Person",
            Code::NotFound,
            "there is nothing at `Systems_Security_Users(<99>)/Person`",
        ),
        (
            "Systems_Security_Users(<99>)/Login",
            Code::NotFound,
            "there is nothing at `Systems_Security_Users(<99>)/Login`",
        ),
        (
            "Systems_Security_Users(<99>)/Groups",
            Code::NotFound,
            "there is nothing at `Systems_Security_Users(<99>)/Groups`",
        ),
        (
            "Systems_Security_Users(<99>)/Groups/$count",
            Code::NotFound,
            "there is nothing at `Systems_Security_Users(<99>)/Groups/$count`",
        ),
        (
            "Systems_Security_Users?$format=atom",
            Code::NotAcceptable,
            "`$format` asks for `atom`, which this address does not answer",
        ),
        (
            "Systems_Security_Users(<1>)?$format=csv",
            Code::NotAcceptable,
            "`$format` asks for `csv`, which this address does not answer",
        ),
        (
            "Systems_Security_Users?$format=csv&$expand=Groups",
            Code::NotSupported,
            "the collection `Groups` does not fit into the rows of a table",
        ),
    ] {
        let problem = service.ask(&long(address), None, None).unwrap_err();
        assert_eq!(problem.code(), code, "{address}");
        assert_eq!(problem.message(), long(message), "{address}");
    }
}

/// OData JSON 4.0, section 4.5.8 as for 4.01: with full metadata, only `$select` takes links away.
#[test]
fn an_expansion_takes_no_links_away() {
    let service = small();
    let links = |options: &str, version| {
        let full = "$format=application/json;odata.metadata=full";
        let address = long(&format!("Systems_Security_Users(<1>)?{full}{options}"));
        let body = service.ask(&address, Some(version), None).unwrap().body();
        let row: serde_json::Value = serde_json::from_str(&body).unwrap();
        let names = row.as_object().unwrap().keys();
        let names = names.filter(|name| name.ends_with("navigationLink"));
        names.cloned().collect::<Vec<_>>()
    };
    for version in [ODataVersion::V4, ODataVersion::V401] {
        let all = links("", version);
        assert!(all.len() > 5, "{all:?}");
        let expanded = links("&$expand=Domain($select=Name)", version);
        assert_eq!(expanded, all, "{version:?}");
        let selected = links(
            "&$select=Login,Groups&$expand=Domain($select=Name)",
            version,
        );
        assert_eq!(selected.len(), 2, "{selected:?}");
    }
}

/// The logins of all pages, and how many pages there were.
fn follow(service: &Fixture, address: &str, version: Option<ODataVersion>) -> (Vec<String>, usize) {
    let (mut logins, mut pages) = (Vec::new(), 0);
    let mut next = Some(address.to_owned());
    while let Some(address) = next {
        let body = service.ask(&address, version, None).unwrap().body();
        let json: serde_json::Value = serde_json::from_str(&body).unwrap();
        for row in json["value"].as_array().unwrap() {
            logins.push(row["Login"].as_str().unwrap().to_owned());
        }
        pages += 1;
        assert!(pages < 20, "{address}");
        let link = json["@odata.nextLink"].as_str();
        next = link.map(|link| link.strip_prefix(ROOT).unwrap().to_owned());
    }
    (logins, pages)
}

#[test]
fn pages_give_every_row_once() {
    let service = Fixture::new(ServiceSettings::default(), 7);
    let four = Some(ODataVersion::V4);
    for (options, version, rows, pages) in [
        ("$top=4", None, 10, 3),
        ("$top=5", None, 10, 2),
        ("$top=4", four, 4, 1),
        ("$top=3&$orderby=Login%20desc", None, 10, 4),
        (
            "$top=3&$orderby=Email,Login%20desc&$count=true",
            None,
            10,
            4,
        ),
        (
            "$top=4&$expand=Groups($select=Id),Person($select=Id)",
            None,
            10,
            3,
        ),
        ("$top=4&$skip=3&$orderby=Login", None, 7, 2),
        ("$top=0", None, 0, 1),
    ] {
        let address = format!("Systems_Security_Users?{options}&$select=Login");
        let (mut logins, counted) = follow(&service, &address, version);
        assert_eq!((logins.len(), counted), (rows, pages), "{options}");
        logins.sort();
        logins.dedup();
        assert_eq!(logins.len(), rows, "{options}");
    }
}

#[test]
fn a_total_is_kept_over_pages() {
    let mut settings = ServiceSettings::default();
    settings.limits.max_top = 4;
    let service = Fixture::new(settings, 17);
    let four = Some(ODataVersion::V4);
    for (options, rows, pages) in [
        ("$top=9&", 9, 3),
        ("$top=8&", 8, 2),
        ("", 20, 5),
        ("$expand=Groups($select=Id)&$top=9&", 9, 3),
    ] {
        let address = format!("Systems_Security_Users?{options}$select=Login");
        let (logins, counted) = follow(&service, &address, four);
        assert_eq!((logins.len(), counted), (rows, pages), "{options}");
    }
}

#[test]
fn exports_stream_in_chunks() {
    let service = Fixture::new(ServiceSettings::default(), 2500);
    for options in ["$format=ndjson", "$format=ndjson&$expand=Groups,Person"] {
        let address = format!("Systems_Security_Users?{options}&$orderby=Id");
        let answered = service.ask(&address, None, None).unwrap();
        assert_eq!(answered.head().length, None);
        assert!(answered.chunks.len() > 10, "{options}");
        assert!(answered.chunks.iter().all(|chunk| chunk.len() < 80 * 1024));
        let body = answered.body();
        assert_eq!((body.lines().count(), answered.rows), (2503, 2503));
        let mut last = String::new();
        for line in body.lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let id = row["Id"].as_str().unwrap().to_owned();
            assert!(last < id);
            last = id;
        }
    }
    let workbook = service
        .ask("Systems_Security_Users?$format=xlsx", None, None)
        .unwrap();
    assert!(workbook.chunks.concat().starts_with(b"PK"));
    assert_eq!(workbook.rows, 2503);
    let top = service.get("Systems_Security_Users?$format=csv&$select=Login&$top=2");
    assert_eq!(top, "Login\r\nann\r\nbob\r\n");
}

#[test]
fn a_head_has_no_body() {
    let service = Fixture::new(ServiceSettings::default(), 1000);
    for address in [
        "Systems_Security_Users(<1>)",
        "Systems_Security_Users?$top=2",
        "Systems_Security_Users?$format=ndjson",
    ] {
        let whole = service.ask(&long(address), None, None).unwrap();
        let head = service.ask_head(&long(address)).unwrap();
        assert!(head.chunks.is_empty(), "{address}");
        let times = head.head().timings;
        let same = crate::service::Head {
            timings: times,
            ..whole.head().clone()
        };
        assert_eq!(*head.head(), same, "{address}");
    }
}

#[test]
fn documents_are_the_same_each_time() {
    let service = small();
    assert!(service.get("$metadata").starts_with("<?xml"));
    assert_eq!(service.get("$metadata"), service.get("$metadata"));
    assert!(service.get("$metadata?$format=json").starts_with('{'));
    assert!(
        service
            .get("")
            .starts_with(&long("{\"@odata.context\":\"~$metadata\""))
    );
    assert!(
        service
            .get("?$format=application/json;odata.metadata=none")
            .starts_with("{\"value\"")
    );
}

/// `Groups($expand=User($expand=…))`, so many levels of it.
fn expanded(levels: usize) -> String {
    let names = ["Groups", "User"].into_iter().cycle();
    let names: Vec<&str> = names.take(levels).collect();
    let mut names = names.into_iter().rev();
    let last = names.next().unwrap().to_owned();
    names.fold(last, |inner, name| format!("{name}($expand={inner})"))
}

/// `Groups/any(g1:g1/User/Groups/any(g2:…))`, so many levels of it.
fn lambdas(levels: usize) -> String {
    let condition = format!("g{levels}/Id ne null");
    let levels = (1..=levels).rev();
    levels.fold(condition, |inner, n| match n {
        1 => format!("Groups/any(g1:{inner})"),
        n => format!("g{}/User/Groups/any(g{n}:{inner})", n - 1),
    })
}

#[test]
fn as_many_levels_are_taken_as_are_told() {
    for levels in [1, 3] {
        let mut settings = ServiceSettings::default();
        settings.limits.expand_depth = u16::try_from(levels).unwrap();
        let service = Fixture::new(settings, 0);
        let xml = service.get("$metadata");
        let told = format!(r#"<PropertyValue Property="MaxLevels" Int="{levels}"/>"#);
        assert!(xml.contains(&told) && xml.matches("MaxLevels").count() > 30);
        assert_eq!(xml.matches(&told).count(), xml.matches("MaxLevels").count());
        let json: serde_json::Value =
            serde_json::from_str(&service.get("$metadata?$format=json")).unwrap();
        let set = &json["Erp"]["Container"]["Systems_Security_Users"];
        for term in ["ExpandRestrictions", "FilterRestrictions"] {
            assert_eq!(
                set[format!("@Capabilities.{term}")]["MaxLevels"],
                levels,
                "{term}"
            );
        }
        let make = |option, levels| match option {
            "$expand" => expanded(levels),
            _ => lambdas(levels),
        };
        for option in ["$expand", "$filter"] {
            let ask = |levels| {
                let address = format!("Systems_Security_Users?{option}={}", make(option, levels));
                service.ask(&address, None, None)
            };
            assert!(ask(levels).is_ok(), "{option}");
            let code = ask(levels + 1).unwrap_err().code();
            assert_eq!(code, Code::LimitExceeded, "{option}");
        }
    }
}

#[test]
fn statements_and_plans_are_explained() {
    let service = small();
    let language = Language::default();
    let prepared = service.prepare(
        "Systems_Security_Users?$expand=Groups($expand=Group)",
        &language,
    );
    let explained = service.service.explain(&prepared).unwrap();
    assert_eq!(explained.statements.len(), 3);
    assert!(explained.statements[0].sql.contains("Sec_Users"));
    assert!(explained.statements[2].sql.contains("Sec_Groups"));
    assert!(!explained.database().is_empty());
}
