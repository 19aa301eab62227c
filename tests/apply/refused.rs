//! What is refused, and how.

use crate::support::encode_query;
use crate::support::world::on_each_world;

/// `$apply` and further options, the refusal, a part of its message.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "groupby((Notes))",
        "FilterNotDeclared",
        "does not declare that it groups",
    ),
    ("groupby((Name))", "FilterNotDeclared", "groups by"),
    (
        "groupby((CreationTimeUtc))",
        "FilterNotDeclared",
        "date(CreationTimeUtc)",
    ),
    ("groupby((Password))", "AttributeNotReadable", "closed"),
    (
        "aggregate(Password with countdistinct as N)",
        "AttributeNotReadable",
        "closed",
    ),
    (
        "compute(substring(Password,0,1) as P)/groupby((P))",
        "AttributeNotReadable",
        "closed",
    ),
    (
        "compute(substring(Name,0,1) as L)/groupby((L))",
        "TypeMismatch",
        "name a language: `Name/EN`",
    ),
    // Pieces are taken of one language, groups of none.
    (
        "groupby((Name/EN))",
        "FilterNotDeclared",
        "does not declare that it groups",
    ),
    (
        "aggregate(Name/EN with countdistinct as N)",
        "FilterNotDeclared",
        "is aggregated",
    ),
    (
        "filter(Password eq 'x')/aggregate($count as N)",
        "AttributeNotReadable",
        "closed",
    ),
    (
        "groupby((Person/PartyName))",
        "FilterNotDeclared",
        "filterable",
    ),
    // What no `$filter` takes is not opened by a name, nor by groups of single rows.
    (
        "compute(month(CreationTimeUtc) as M)/filter(M eq 3)/groupby((Id))",
        "FilterNotDeclared",
        "`month`",
    ),
    (
        "compute(month(CreationTimeUtc) as M)/groupby((Id,M))/filter(M in (3,4))",
        "FilterNotDeclared",
        "`month`",
    ),
    (
        "compute(hour(CreationTimeUtc) as H)/groupby((Id),aggregate(H with max as X))/filter(X ge 3)",
        "FilterNotDeclared",
        "`hour`",
    ),
    (
        "compute(substring(DefaultLanguage,0) as L)/filter(contains(L,'g'))/groupby((Id))",
        "FilterNotDeclared",
        "`substring`",
    ),
    (
        "concat(compute(substring(Login,0,1) as L)/groupby((L)),groupby((Login))/compute(substring(Login,1) as L)/groupby((L)))/filter(L eq 'a')",
        "FilterNotDeclared",
        "`substring`",
    ),
    // An alias opens nothing, and does not stand for itself.
    (
        "compute(month(CreationTimeUtc) as M)/filter(@p)/groupby((Id))&@p=M eq 3",
        "FilterNotDeclared",
        "`month`",
    ),
    (
        "groupby((UserType))/filter(@p)&@p=Login eq 'a'",
        "UnknownProperty",
        "there is no `Login`",
    ),
    (
        "compute(year(CreationTimeUtc) as Y)/filter(Y gt 1 or @p)/groupby((Y))&@p=Y gt 2 or @p",
        "LimitExceeded",
        "too many other aliases",
    ),
    (
        "groupby((UserType),aggregate($count as N))/filter(@p)&@p=N gt 1 or @p",
        "LimitExceeded",
        "too many other aliases",
    ),
    (
        "groupby((UserType),aggregate($count as N))/filter(@p)&@p=N",
        "TypeMismatch",
        "a condition is wanted",
    ),
    (
        "aggregate($count as N)&$deltatoken=x",
        "InvalidOption",
        "does not stand beside",
    ),
    ("groupby((Nothing))", "UnknownProperty", "no property"),
    ("groupby((Groups))", "TypeMismatch", "collection"),
    (
        "groupby((UserType,UserType))",
        "InvalidOption",
        "key already",
    ),
    (
        "groupby((Person,Person/Id))",
        "InvalidOption",
        "inside of one",
    ),
    (
        "aggregate(Login with max as M)",
        "FilterNotDeclared",
        "is aggregated by `max`",
    ),
    (
        "aggregate(ObjectVersion with max as M)",
        "FilterNotDeclared",
        "is aggregated",
    ),
    (
        "aggregate(LockoutEndUtc with sum as M)",
        "TypeMismatch",
        "whole numbers",
    ),
    ("aggregate($count)", "InvalidOption", "needs a name"),
    (
        "aggregate(AccessFailedCount as N)",
        "InvalidOption",
        "a method is missing",
    ),
    (
        "aggregate(AccessFailedCount with median as N)",
        "UnknownFunction",
        "no method",
    ),
    (
        "aggregate(AccessFailedCount with Custom.median as N)",
        "NotSupported",
        "of a service's own",
    ),
    ("aggregate($count as Login)", "InvalidOption", "is taken"),
    (
        "aggregate($count as N,$count as N)",
        "InvalidOption",
        "is taken",
    ),
    (
        "aggregate(AccessFailedCount add 1 with sum as N)",
        "NotSupported",
        "not an expression",
    ),
    (
        "aggregate(AccessFailedCount with sum from Login with max as N)",
        "NotSupported",
        "from",
    ),
    (
        "groupby((rollup(UserType,Active)))",
        "NotSupported",
        "concat",
    ),
    (
        "groupby((UserType),topcount(1,Login))",
        "NotSupported",
        "only `aggregate`",
    ),
    (
        "groupby((rolluprecursive($root/Systems_Security_Users,H,Id)))",
        "NotSupported",
        "concat",
    ),
    ("topsum(10,AccessFailedCount)", "NotSupported", "topcount"),
    ("expand(Groups)", "NotSupported", "transformation `expand`"),
    ("expandgroup(UserType)", "NotSupported", "beside `$apply`"),
    ("nest(identity as All)", "NotSupported", "rows of a group"),
    ("join(Groups as G)", "NotSupported", "group the children"),
    (
        "traverse($root/Systems_Security_Users,H,Id,preorder)",
        "NotSupported",
        "no hierarchies",
    ),
    ("Erp.Custom(1)", "NotSupported", "of its own"),
    (
        "filter($these/$count gt 5)",
        "NotSupported",
        "aggregate($count as N)",
    ),
    (
        "topcount($these/$count div 2,Login)",
        "NotSupported",
        "is a constant here",
    ),
    (
        "compute(quarter(CreationTimeUtc) as M)/groupby((M))",
        "NotSupported",
        "year(A) as Y,month(A) as M",
    ),
    (
        "compute(yearmonth(CreationTimeUtc) as M)/groupby((M))/filter(M ge '2026-01')",
        "FilterNotDeclared",
        "which no filter takes",
    ),
    (
        "compute(yearmonth(Login) as M)/groupby((M))",
        "TypeMismatch",
        "a point in time",
    ),
    (
        "aggregate(Groups/$count with max as M)",
        "NotSupported",
        "group them",
    ),
    (
        "aggregate(Groups/$count as N)",
        "NotSupported",
        "group them",
    ),
    ("groupby((Groups/$count))", "NotSupported", "group them"),
    (
        "compute(Groups/$count as C)/groupby((C))",
        "NotSupported",
        "computing this",
    ),
    (
        "orderby(Groups/$count)/groupby((Active))",
        "NotSupported",
        "group them",
    ),
    (
        "groupby((Active),aggregate($count as N))/filter(Groups/$count gt 1)",
        "UnknownProperty",
        "there is no",
    ),
    (
        "grupby((UserType))",
        "SyntaxError",
        "did you mean `groupby`",
    ),
    (
        "topcount(2,Login)",
        "NotSupported",
        "group or aggregate after that",
    ),
    (
        "compute(year(CreationTimeUtc) as Y)",
        "NotSupported",
        "group or aggregate",
    ),
    (
        "compute(Login as L)/groupby((L))",
        "NotSupported",
        "computing this",
    ),
    (
        "compute(year(Login) as Y)/groupby((Y))",
        "TypeMismatch",
        "point in time",
    ),
    (
        "top(1)/filter(Active)/aggregate($count as N)",
        "NotSupported",
        "cut already",
    ),
    (
        "concat(identity,aggregate($count as N))",
        "NotSupported",
        "part of `concat`",
    ),
    (
        "concat(aggregate($count as N),concat(aggregate($count as N),groupby((Active)))/filter(Active))",
        "NotSupported",
        "one `concat`",
    ),
    (
        "concat(groupby((Active)),groupby((IsAdmin)))/groupby((Active))/concat(identity,identity)",
        "NotSupported",
        "one `concat`",
    ),
    (
        "concat(aggregate($count as N),aggregate(LockoutEndUtc with max as N))",
        "TypeMismatch",
        "different things",
    ),
    (
        "aggregate($count as N)&$orderby=M",
        "UnknownProperty",
        "there are `N`",
    ),
    (
        "aggregate($count as N)&$select=Login",
        "UnknownProperty",
        "there is no `Login`",
    ),
    (
        "aggregate($count as N)&$filter=Login eq 'x'",
        "UnknownProperty",
        "there is no",
    ),
    (
        "aggregate($count as N)&$filter=N eq 'x'",
        "TypeMismatch",
        "a whole number",
    ),
    (
        "aggregate($count as N)&$expand=Groups",
        "NotSupported",
        "$expand",
    ),
    (
        "aggregate($count as N)&$search=x",
        "NotSupported",
        "search(…)",
    ),
    (
        "groupby((Active))&$filter=Active gt true",
        "FilterNotDeclared",
        "filter `gt`",
    ),
    (
        "groupby((UserType))&$filter=contains(UserType,'x')",
        "FilterNotDeclared",
        "contains",
    ),
    (
        "groupby((Person))&$orderby=Person",
        "OrderNotDeclared",
        "ordering",
    ),
    ("aggregate($count as N", "SyntaxError", "unclosed"),
    ("", "SyntaxError", "a transformation"),
];

#[test]
fn refusals_say_why() {
    on_each_world(0, |world| {
        let mut wrong = String::new();
        for (apply, code, part) in REFUSED {
            let query = encode_query(&format!("Systems_Security_Users?$apply={apply}"));
            let reply = world.send("GET", &query, &[], b"");
            let said = reply.body.replace("\\\"", "\"");
            if reply.code() != *code || !said.contains(part) {
                wrong.push_str(&format!("{apply}\n    {}\n", reply.body));
            }
        }
        assert!(wrong.is_empty(), "{}:\n{wrong}", world.name);
    });
}

#[test]
fn addresses_that_are_no_collection_take_none() {
    on_each_world(0, |world| {
        let id = world.all("Systems_Security_Users?$top=1")[0]["Id"].clone();
        let id = id.as_str().unwrap();
        for address in [
            format!("Systems_Security_Users({id})?$apply=aggregate($count as N)"),
            format!("Systems_Security_Users({id})/Login?$apply=aggregate($count as N)"),
            "Systems_Security_Users?$expand=Groups($apply=aggregate($count as N))".to_owned(),
            "Systems_Security_Users/$ref?$apply=aggregate($count as N)".to_owned(),
        ] {
            let reply = world.send("GET", &encode_query(&address), &[], b"");
            assert_eq!(reply.code(), "NotSupported", "{address} {}", reply.body);
        }
    });
}

#[test]
fn long_pipelines_end_in_refusals_not_in_faults() {
    on_each_world(0, |world| {
        let step = "/groupby((Active),aggregate($count as N))/filter(N gt 0)/top(5)";
        // As deep as it goes: each is a query inside another.
        for deep in [
            "/top(5)",
            "/filter(Active)",
            "/orderby(Active desc)/skip(1)",
        ] {
            let times = 31 / deep.matches('(').count();
            let apply = format!("groupby((Active)){}", deep.repeat(times));
            let query = encode_query(&format!("Systems_Security_Users?$apply={apply}"));
            let reply = world.send("GET", &query, &[], b"");
            assert_eq!(reply.status, 200, "{}: {apply} {}", world.name, reply.body);
        }
        // As wide as it goes: a hundred names in each part would be more than databases take.
        let part = |n: usize| {
            let items = (0..99).map(|i| format!("$count as N{n}_{i}"));
            format!("aggregate({})", items.collect::<Vec<_>>().join(","))
        };
        let query = encode_query(&format!("Systems_Security_Users?$apply={}", part(0)));
        assert_eq!(world.send("GET", &query, &[], b"").status, 200);
        let parts = format!("concat({},{})", part(0), part(1));
        let query = encode_query(&format!("Systems_Security_Users?$apply={parts}"));
        let reply = world.send("GET", &query, &[], b"");
        assert_eq!(reply.code(), "LimitExceeded", "{}", reply.body);
        for (steps, status) in [(1, 200), (7, 200), (8, 400), (100, 400)] {
            let mut apply = "groupby((Active))".to_owned();
            for _ in 0..steps {
                apply.push_str(step);
            }
            let query = encode_query(&format!("Systems_Security_Users?$apply={apply}"));
            let reply = world.send("GET", &query, &[], b"");
            assert_eq!(
                reply.status, status,
                "{}: {steps} {}",
                world.name, reply.body
            );
        }
    });
}
