CREATE TABLE "Ext_Counters" (
    "Name" text COLLATE "C" CONSTRAINT "PK_Ext_Counters_Name" PRIMARY KEY,
    "Value" bigint NOT NULL
);

CREATE TABLE "Ext_Repeatable_Requests" (
    "Request_Id" text COLLATE "C" CONSTRAINT "PK_Ext_Repeatable_Requests_Request_Id" PRIMARY KEY,
    "First_Sent" timestamptz NOT NULL,
    "Fingerprint" bytea NOT NULL,
    "Answer" bytea NOT NULL,
    "Stored_At" timestamptz NOT NULL
);

CREATE INDEX "IX_Ext_Repeatable_Requests_StoredAt" ON "Ext_Repeatable_Requests" ("Stored_At");
