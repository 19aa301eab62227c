CREATE TABLE "Ext_Counters" (
    "Name" TEXT CONSTRAINT "PK_Ext_Counters_Name" PRIMARY KEY NOT NULL,
    "Value" INTEGER NOT NULL
) STRICT;

CREATE TABLE "Ext_Repeatable_Requests" (
    "Request_Id" TEXT CONSTRAINT "PK_Ext_Repeatable_Requests_Request_Id" PRIMARY KEY NOT NULL,
    "First_Sent" INTEGER NOT NULL,
    "Fingerprint" BLOB NOT NULL,
    "Answer" BLOB NOT NULL,
    "Stored_At" INTEGER NOT NULL
) STRICT;

CREATE INDEX "IX_Ext_Repeatable_Requests_StoredAt" ON "Ext_Repeatable_Requests" ("Stored_At");
