//! The table of error codes: one stable word per kind of fault.

/// Declares [`Code`] from one table: name, HTTP status, meaning.
macro_rules! codes {
    ($($name:ident $status:literal $meaning:literal;)*) => {
        /// One kind of fault. The word is part of the wire contract and is never reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $name,)*
        }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word that goes into `error.code`.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The HTTP status that the fault answers with.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// What the code means, one sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }
        }
    };
}

codes! {
    SyntaxError 400 "The text is not OData: the message points at the place.";
    InvalidOption 400 "A query option is unknown, given twice, or does not apply to this address.";
    InvalidValue 400 "A literal or an option value is out of its range.";
    UnknownProperty 400 "The entity has no property of this name.";
    UnknownFunction 400 "There is no function or operation of this name.";
    UnknownEnumMember 400 "The enumeration has no member of this name.";
    TypeMismatch 400 "An operand or argument has the wrong type.";
    FilterNotDeclared 400 "The attribute does not declare the filter that the query uses.";
    OrderNotDeclared 400 "The attribute does not declare ordering.";
    ReadOnlyAttribute 400 "The attribute is read only.";
    InvalidPayload 400 "The request body does not have the form that the address takes.";
    DuplicateProperty 400 "The request body gives a property twice.";
    UnknownAnnotation 400 "The request body holds an annotation that means nothing here.";
    InvalidBatch 400 "The batch, or one of its parts, cannot be understood.";
    InvalidSkipToken 400 "The `$skiptoken` was not made by this service for this query.";
    InvalidDeltaToken 400 "The `$deltatoken` was not given out to this caller for this query.";
    InvalidHeader 400 "A request header has a value that cannot be understood.";
    InvalidTransaction 400 "The API transaction is unknown, has ended, belongs to somebody else, or cannot do this.";
    TransactionSaved 400 "The API transaction was saved before: the end is asked for again.";
    SignInRequired 401 "The address answers only callers that have signed in.";
    SignInFailed 401 "The credentials are wrong, have ended, or cannot be used now.";
    SecondFactorRequired 401 "The password is right; the code of the second factor is missing.";
    SignInRefused 401 "The password is right, but the user may not sign in so: the message says why.";
    PasswordChangeRequired 401 "The password is right and too old: sign in with a new one beside it.";
    InsecureTransport 403 "Credentials are taken over TLS only, or on the machine itself.";
    CsrfTokenRequired 403 "A change with the cookie of the pages needs the token of its session.";
    MaximumLicenseCountExceeded 403 "All sessions that the service allows at once are in use.";
    LimitExceeded 400 "The query is larger or deeper than a limit of the service allows.";
    Forbidden 403 "The caller is known and may not do this.";
    AttributeNotReadable 403 "The attribute is closed: the caller may not read, filter or order by it.";
    UnknownEntitySet 404 "There is no entity set of this name.";
    RenamedEntitySet 404 "The entity set was renamed: the message names the new one.";
    NotFound 404 "There is nothing at this address.";
    MethodNotAllowed 405 "The address does not take this HTTP method.";
    NotAcceptable 406 "The service cannot answer in a format that the request accepts.";
    NotUnique 409 "Another object already has these values, which must be unique.";
    StillReferenced 409 "The object cannot be deleted: other objects refer to it.";
    Gone 410 "The token is too old: start the query again.";
    PreconditionFailed 412 "A precondition of the request does not hold.";
    UriTooLong 414 "The address is longer than the service takes.";
    PayloadTooLarge 413 "The request body is larger than the service takes.";
    UnsupportedMediaType 415 "The address does not take a request body of this type.";
    ValueRequired 422 "A value that every object must have is missing or null.";
    PasswordPolicy 422 "The password is weaker than the service demands: the message names what it lacks.";
    ValueTooLong 422 "A text is longer than its attribute takes.";
    ValueOutOfRange 422 "A value is outside of the range that its attribute takes.";
    UnknownReference 422 "The change refers to an object that does not exist.";
    PermissionFault 422 "A permission names something that does not exist, or a filter that cannot be used, or would open nothing.";
    AmbiguousReference 422 "More than one object fits what the change looks for.";
    RuleRefused 422 "A business rule refused the change; `error.code` is the code of the rule.";
    FailedDependency 424 "A request of the batch that this one depends on has failed.";
    PreconditionRequired 428 "The service wants `If-Match` for this change.";
    TooManyRequests 429 "The caller asks too often: wait for the seconds of `Retry-After`.";
    TooExpensive 429 "The read would look at more rows than the service allows: the message says why, and what would help.";
    NotSupported 501 "Valid OData that this service does not offer.";
    ServiceUnavailable 503 "The database is busy or cannot be reached: try again.";
    DeadlineExceeded 504 "The query ran longer than the service allows.";
    ModelFault 500 "A metadata file has a fault (start-up and `model check` only).";
    ConfigurationFault 500 "A setting has a fault (start-up only).";
    DatabaseFault 500 "The database cannot be used (start-up only).";
    Internal 500 "A fault of the service itself; the log has the details under the request id.";
}
