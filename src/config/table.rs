//! Every setting by name, for error messages and the documentation.

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// `section.key`, as in the file.
    pub key: &'static str,
    /// The built-in value as it would stand in a file; empty where there is none.
    pub default: &'static str,
    /// Which values it takes.
    pub takes: &'static str,
    /// What it does, one sentence.
    pub about: &'static str,
}

/// A row of the table.
const fn setting(
    key: &'static str,
    default: &'static str,
    takes: &'static str,
    about: &'static str,
) -> Setting {
    Setting {
        key,
        default,
        takes,
        about,
    }
}

const WHOLE: &str = "a whole number, 1 or more";
const WHOLE_OR_0: &str = "a whole number, 0 or more";
const SWITCH: &str = "`true` or `false`";
const OIDC: &str = "tables `[[oidc]]` with `issuer`, `audience`, `jwks`, `provider`, and if wanted `algorithms` and `key_claim`";
const TIME: &str = "a length of time such as `500ms`, `30s`, `5m`";

/// Every setting, in the order of the documentation.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    setting("profile", "development", "`development` or `production`", "How strict the checks at start are."),
    setting("query.max_top", "1000", WHOLE, "Rows of one page at most; a larger `$top` is paged, not refused."),
    setting("query.top", "auto", "`auto`, `total` or `page`", "What `$top` means: `total` is OData's meaning, `page` the vendor's (a page size), `auto` decides by the client's headers."),
    setting("query.deadline", "30s", TIME, "How long a read may run; a longer one is answered 504."),
    setting("query.expand_depth", "3", WHOLE, "Levels of `$expand`, and of `any` and `all`, at most."),
    setting("query.list_items", "1000", WHOLE, "Values in one `in` list at most."),
    setting("query.filter_nodes", "200", WHOLE, "Conditions in one filter at most; a folded list is one."),
    setting("query.strict_filters", "false", SWITCH, "Narrows filters to the vendor's literal operators: `eq ge le in`, the text functions, `and`."),
    setting("query.truncate_datetime", "false", SWITCH, "Cuts date-times in filters to days, as the vendor does."),
    setting("query.cost_budget", "0", WHOLE_OR_0, "Rows that one read may make the database look at, as estimated before; a more expensive one is answered 429; 0 is without limit."),
    setting("server.listen", "127.0.0.1:8080", "an address and a port, such as `127.0.0.1:8080`; port 0 takes a free one", "Where the server listens; anything but loopback takes TLS, or a trusted proxy."),
    setting("server.workers", "0", "a whole number from 0 to 512", "Threads that answer requests; 0 is one for each processor core."),
    setting("server.url_limit", "16384", "a whole number from 1024 to 65000", "Bytes of path and query at most; a longer address is answered 414."),
    setting("server.body_limit", "4194304", WHOLE, "Bytes of a request body at most; a larger one is answered 413."),
    setting("server.batch_parts", "100", WHOLE, "Requests of one batch at most, those of change sets included."),
    setting("server.require_if_match", "false", SWITCH, "Whether a change of an entity that is there needs `If-Match`; without it, it is answered 428."),
    setting("server.repeatable_for", "24h", TIME, "How long the answer to a repeatable request (`Repeatability-Request-ID`) is kept."),
    setting("server.public_url", "", "an address such as `https://users.example`, without a path", "The start of every absolute address in answers; without it, a trusted proxy or the request's `Host` header decides."),
    setting("server.trusted_proxies", "[]", "a list of networks and addresses, such as `[\"10.0.0.0/8\", \"::1\"]`", "Proxies whose `Forwarded` and `X-Forwarded-*` headers are believed; from anybody else, they are ignored."),
    setting("server.cors_origins", "[]", "a list of origins such as `[\"https://app.example\"]`; `*` is any", "Pages of other origins that may ask; without it, none may."),
    setting("server.cors_credentials", "false", SWITCH, "Whether requests of those pages may carry cookies; not together with `*`."),
    setting("server.server_timing", "false", SWITCH, "Adds a `Server-Timing` header to answers."),
    setting("server.open_metrics", "false", SWITCH, "Whether programs of the same machine see `/metrics` without signing in; else administrators do."),
    setting("server.stall", "30s", TIME, "How long a client may leave a part of an answer unread before the answer is cut off."),
    setting("server.body_time", "5m", TIME, "How long a client may take for the body of a request, all of it; a slower one is answered 400."),
    setting("server.import_time", "2m", TIME, "How long an import that came as a request goes on; objects that it has not come to then are refused, and of `all-objects` all."),
    setting("tls.certificate", "", "a PEM file", "The server's certificate, then those between it and its authority; with `tls.key`, the server speaks TLS. `--tls-certificate` sets it too."),
    setting("tls.key", "", "a PEM file", "The private key of `tls.certificate`, without a password. `--tls-key` sets it too."),
    setting("limits.sign_in_per_address", "30", WHOLE_OR_0, "Attempts to sign in from one address in a minute, and sessions and tokens from there that are not taken; more are answered 429; 0 is without limit."),
    setting("limits.sign_in_per_login", "10", WHOLE_OR_0, "Attempts to sign in from one address with one login in a minute; 0 is without limit."),
    setting("limits.requests_per_caller", "0", WHOLE_OR_0, "Requests of one caller in a minute; 0 is without limit."),
    setting("limits.exports_per_caller", "2", WHOLE_OR_0, "Exports of one caller at the same time; one more is answered 429; 0 is without limit."),
    setting("database.url", "sqlite:userdex.db", "`sqlite:PATH` or `postgres://…`", "The database. The environment variable `USERDEX_DATABASE_URL` and `--database-url` set it too."),
    setting("database.readers", "0", WHOLE_OR_0, "Connections for reading, and as many reads at a time; 0 is a number that fits the machine. Two more serve sign-in and health."),
    setting("database.busy_wait", "2s", TIME, "How long a request waits for a connection or a lock before it is answered 503."),
    setting("database.synchronous", "full", "`full` or `normal`", "SQLite: `full` keeps every acknowledged write at a power loss, `normal` may lose the last ones."),
    setting("database.writers", "4", WHOLE, "PostgreSQL: connections for writing. SQLite has one."),
    setting("log.format", "text", "`text` or `json`", "The form of log lines, which go to standard error."),
    setting("log.filter", "info,actix_server=warn,actix_http=off", "levels, such as `info` or `warn,userdex=debug`", "Which events are logged."),
    setting("model.revision", "source", "`source`", "Which revision of the entity model."),
    setting("model.dir", "", "a folder", "Metadata files to use instead of the built-in ones; `--metadata` sets it too."),
    setting("password.min_length", "8", WHOLE_OR_0, "Characters of a new password at least; a change of the policy concerns passwords that are set later."),
    setting("password.require", "[\"lower\", \"upper\", \"digit\", \"symbol\"]", "a list of `lower`, `upper`, `digit`, `symbol`", "Of each of these classes a new password needs one character."),
    setting("password.history", "0", "a whole number from 0 to 24", "How many of their last passwords users cannot set for themselves again, the one in use among them; 0 is none."),
    setting("password.max_age", "0", "a length of time, or `0`", "How old passwords of people get before they have to be changed at sign-in; `0` is never."),
    setting("password.prf", "HMACSHA512", "`HMACSHA512` or `HMACSHA256`", "The function of PBKDF2 for new passwords; `HMACSHA256` where an older .NET program shares them."),
    setting("password.iterations", "210000", "a whole number from 1 to 10000000", "Iterations of PBKDF2 for new passwords; more cost an attacker and the server more time."),
    setting("password.rehash_on_login", "true", SWITCH, "Whether a password whose hash is weaker than new ones is hashed anew when its user signs in."),
    setting("password.allow_md5_verify", "true", SWITCH, "Whether imported MD5 hashes are taken once more; without it, their users need a new password."),
    setting("password.allow_md5_write", "false", "`false`", "MD5 hashes are never written; the setting exists to say so."),
    setting("password.md5_encoding", "utf-8", "`utf-8` or `utf-16le`", "The bytes of a password that imported MD5 hashes were made of."),
    setting("password.hashing_threads", "0", WHOLE_OR_0, "Threads that hash passwords; 0 is half the processor cores."),
    setting("password.hashing_queue", "64", WHOLE, "Passwords that wait for such a thread, at most; more are answered 503."),
    setting("lockout.max_failed", "5", WHOLE_OR_0, "Wrong passwords in a row that lock a user; 0 is without limit."),
    setting("lockout.duration", "5m", TIME, "How long a user is locked."),
    setting("session.sliding", "20m", TIME, "How long a session lives unused."),
    setting("session.absolute", "12h", TIME, "How long a session of a person lives, however much it is used."),
    setting("session.absolute_service", "60m", TIME, "The same for a system user."),
    setting("session.max", "0", WHOLE_OR_0, "Sessions at once; 0 is without limit."),
    setting("session.reserved_logins", "[]", "a list of logins", "Logins that each have a slot of their own among `session.max`."),
    setting("tokens.default_expiry", "90d", TIME, "How long a reference token lives where nothing else is asked for."),
    setting("tokens.max_expiry", "365d", TIME, "How long one lives at most."),
    setting("events.heartbeat", "15s", TIME, "After how long without an event a stream of events carries a sign of life."),
    setting("events.retry", "3s", TIME, "How long clients of a stream of events are told to wait before they connect again."),
    setting("events.queue", "256", "a whole number from 1 to 65536", "Events that wait for one stream at most."),
    setting("events.stall", "30s", TIME, "How long a client may leave a full queue unread before its stream is cut off."),
    setting("events.streams_per_caller", "10", WHOLE, "Streams of events of one user at most; one more is answered 429."),
    setting("events.streams", "2000", WHOLE, "Streams of events of one server at most; one more is answered 503."),
    setting("asynchronous.life", "30m", TIME, "How long an asynchronous request (`Prefer: respond-async`) lives, its result included; then it is as if it had never been."),
    setting("asynchronous.per_caller", "4", WHOLE, "Asynchronous requests of one caller at most, under way or waiting to be fetched; one more is answered 429."),
    setting("asynchronous.max", "40", WHOLE, "Asynchronous requests of the server at most; one more is answered 503. Once there are half as many, only who has none begins one."),
    setting("asynchronous.bytes", "1073741824", WHOLE, "Bytes of the result of one asynchronous request at most."),
    setting("asynchronous.total_bytes", "4294967296", WHOLE, "Bytes of the results of all asynchronous requests at most."),
    setting("asynchronous.folder", "", "a folder", "Where results of asynchronous requests wait, in files without names; without it, the system's folder of temporary files."),
    setting("audit.retention", "400d", "a length of time, `1d` or more; `0` is for ever", "How long entries of the audit log are kept."),
    setting("transactions.life", "25m", TIME, "How long an API transaction lives; then it is dropped."),
    setting("transactions.wait", "2m", TIME, "How long `WaitForChanges` waits at most."),
    setting("transactions.per_caller", "10", WHOLE, "Open API transactions of one caller at most."),
    setting("transactions.max", "100", WHOLE, "Open API transactions of the server at most. Once half are open, only who has none begins one."),
    setting("transactions.objects", "10000", WHOLE, "Objects that one API transaction changes at most."),
    setting("transactions.bytes", "8388608", WHOLE, "Bytes of memory that one API transaction takes at most, about: its objects, what reads see of them, what was told of them."),
    setting("users.require_group_or_role", "true", SWITCH, "Whether people without any group and role are refused when they sign in by hand; administrators are not."),
    setting("compat.replace_multilanguage", "false", SWITCH, "The vendor's way: a multi-language text in a `PATCH` replaces all languages, and not only those that it gives."),
    setting("track.<repository>", "", "a level that the repository allows, such as 4", "How much of the changes of a repository is kept, such as `track.\"Systems.Security.Users\" = 4`; without it, its least level."),
    setting("oidc", "", OIDC, "Other issuers (OpenID Connect) whose tokens are taken; see below."),
];

/// Sections and keys that a later version brings: refused with a message of their own, so that
/// nobody believes that they have an effect.
pub(super) const LATER: &[&str] = &[
    "SystemUser",
    "users.username_format",
    "users.require_contact",
    "users.default_groups",
    "users.default_roles",
    "licences",
    "service_accounts",
    "transfer",
    "password.format",
    "compat.enums_as_strings",
];
