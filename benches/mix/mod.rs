//! The queries that all benchmarks run, and what they have in common.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "each benchmark uses its own part of this"
)]

use userdex::service::{Caller, RequestHead};
use userdex::value::{Language, Timestamp};

/// The service root.
pub const ROOT: &str = "http://localhost/api/domain/odata/";

/// A query: its name, its path and its options.
pub type Query = (&'static str, &'static str, &'static str);

/// The read part of the query mix that `README.md` explains. The path and options of Q1, Q2 and
/// Q4b hold `{key}`, `{login}` and `{token}`.
pub const QUERIES: &[Query] = &[
    ("Q1", "Systems_Security_Users({key})", ""),
    (
        "Q2",
        "Systems_Security_Users",
        "$filter=Login%20eq%20'{login}'",
    ),
    ("Q3", "Systems_Security_Users", "$top=50"),
    (
        "Q4a",
        "Systems_Security_Users",
        "$top=1000&$select=Id,Login,Email",
    ),
    (
        "Q4b",
        "Systems_Security_Users",
        "$top=1000&$select=Id,Login,Email&$skiptoken={token}",
    ),
    (
        "Q5",
        "Systems_Security_Users",
        "$filter=Active%20eq%20true%20and%20UserType%20in%20('InternalUser','ExternalCommunityUser')\
         %20and%20CreationTimeUtc%20ge%202024-01-01T00:00:00Z&$orderby=Login&$top=50",
    ),
    (
        "Q6",
        "Systems_Security_Users",
        "$filter=contains(Name,'ov')&$top=50",
    ),
    (
        "Q6n",
        "Systems_Security_Users",
        "$filter=contains(Name,'qqzz')&$top=50",
    ),
    (
        "Q7",
        "Systems_Security_Users",
        "$expand=Groups,RoleUsers($expand=Role)&$top=100",
    ),
    (
        "Q8",
        "Systems_Security_Users",
        "$count=true&$filter=UserType%20eq%20'ExternalCommunityUser'%20and%20Active%20eq%20true\
         &$top=50",
    ),
    (
        "Q9",
        "Systems_Security_Users",
        "$apply=groupby((UserType),aggregate($count%20as%20Users))",
    ),
    (
        "Q10",
        "Systems_Security_Users",
        "$filter=Groups/any(g:g/Group/Id%20in%20({key},{key}))%20and%20\
         not%20RoleUsers/any()&$top=50",
    ),
    (
        "Q11",
        "Systems_Security_Users",
        "$apply=filter(Active%20eq%20true%20and%20CreationTimeUtc%20ge%202024-01-01T00:00:00Z)\
         /compute(year(CreationTimeUtc)%20as%20Year)\
         /groupby((UserType,Year),aggregate($count%20as%20Users,CreationTimeUtc%20with%20max%20as%20Last))\
         &$orderby=Users%20desc,Year&$top=50&$count=true",
    ),
    (
        "Q12",
        "Systems_Security_Users",
        "$filter=Active%20eq%20true%20and%20UserType%20in%20('InternalUser','ExternalCommunityUser')\
         %20and%20year(CreationTimeUtc)%20eq%202024%20and%20\
         (contains(Name,'ov')%20or%20startswith(Login,'a')%20or%20Groups/any(g:g/Group/Id%20in%20({key},{key})))\
         &$expand=Groups($expand=Group($select=Id,Name)),\
         RoleUsers($filter=Role/Id%20ne%20{key};$expand=Role($select=Id,Name);$orderby=Id%20desc;$top=5;$count=true)\
         &$compute=length(Login)%20add%20length(Email)%20as%20Length\
         &$select=Id,Login,Email,Name,UserType,Active,CreationTimeUtc,Length\
         &$orderby=Login,Id%20desc&$count=true&$top=50",
    ),
];

/// What stands for `{key}`, `{login}` and `{token}`.
#[derive(Debug)]
pub struct Values {
    pub key: String,
    pub login: String,
    pub token: String,
}

impl Values {
    /// A path or the options of a query, with its values.
    pub fn put_into(&self, text: &str) -> String {
        text.replace("{key}", &self.key)
            .replace("{login}", &self.login)
            .replace("{token}", &self.token)
    }
}

/// The request of a client that sends nothing but an address.
pub fn head<'a>(path: &'a str, query: &'a str, language: &'a Language) -> RequestHead<'a> {
    let now = Timestamp::from_micros(1_750_000_000_000_000);
    RequestHead {
        query,
        root: ROOT,
        accept: Some("application/json"),
        ..RequestHead::at(path, language, Caller::system(), now)
    }
}
