-- The chain of the audit log: each entry has a number and a hash over the one before and what it says.
CREATE TABLE "Ext_Audit_Chain" (
    "Number" INTEGER CONSTRAINT "PK_Ext_Audit_Chain_Number" PRIMARY KEY,
    "Audit_Log_Entry_Id" BLOB NOT NULL CONSTRAINT "UQ_Ext_Audit_Chain_Audit_Log_Entry_Id" UNIQUE CONSTRAINT "CK_Ext_Audit_Chain_Audit_Log_Entry_Id" CHECK (length("Audit_Log_Entry_Id") = 16),
    "Hash" BLOB NOT NULL CONSTRAINT "CK_Ext_Audit_Chain_Hash" CHECK (length("Hash") = 32)
) STRICT;

-- One row: the end of the chain, and where it begins since old entries were removed.
CREATE TABLE "Ext_Audit_Head" (
    "Head_Id" INTEGER CONSTRAINT "PK_Ext_Audit_Head_Head_Id" PRIMARY KEY CONSTRAINT "CK_Ext_Audit_Head_Head_Id" CHECK ("Head_Id" = 1),
    "Last_Number" INTEGER NOT NULL,
    "Last_Hash" BLOB NOT NULL,
    "Removed_Number" INTEGER NOT NULL,
    "Removed_Hash" BLOB NOT NULL
) STRICT;

INSERT INTO "Ext_Audit_Head" VALUES (1, 0, zeroblob(32), 0, zeroblob(32));

-- What the settings were at the last start, as keyed fingerprints.
CREATE TABLE "Ext_Audit_Settings" (
    "Name" TEXT CONSTRAINT "PK_Ext_Audit_Settings_Name" PRIMARY KEY NOT NULL,
    "Fingerprint" TEXT NOT NULL
) STRICT;

CREATE TRIGGER "TR_Ext_Audit_Entries_Update" BEFORE UPDATE ON "Sys_Audit_Log_Entries"
BEGIN SELECT RAISE(ABORT, 'the audit log is not changed'); END;

CREATE TRIGGER "TR_Ext_Audit_Entries_Delete" BEFORE DELETE ON "Sys_Audit_Log_Entries"
WHEN NOT EXISTS (SELECT 1 FROM "Ext_Audit_Chain" c, "Ext_Audit_Head" h
    WHERE c."Audit_Log_Entry_Id" = OLD."Audit_Log_Entry_Id" AND c."Number" <= h."Removed_Number")
BEGIN SELECT RAISE(ABORT, 'the audit log loses nothing but by its retention'); END;

CREATE TRIGGER "TR_Ext_Audit_Chain_Update" BEFORE UPDATE ON "Ext_Audit_Chain"
BEGIN SELECT RAISE(ABORT, 'the audit log is not changed'); END;

CREATE TRIGGER "TR_Ext_Audit_Chain_Delete" BEFORE DELETE ON "Ext_Audit_Chain"
WHEN NOT EXISTS (SELECT 1 FROM "Ext_Audit_Head" h WHERE OLD."Number" <= h."Removed_Number")
BEGIN SELECT RAISE(ABORT, 'the audit log loses nothing but by its retention'); END;

CREATE TRIGGER "TR_Ext_Audit_Head_Update" BEFORE UPDATE ON "Ext_Audit_Head"
WHEN NEW."Head_Id" <> OLD."Head_Id" OR NEW."Last_Number" < OLD."Last_Number"
    OR NEW."Removed_Number" < OLD."Removed_Number" OR NEW."Removed_Number" > NEW."Last_Number"
BEGIN SELECT RAISE(ABORT, 'the audit log only grows at its end'); END;

CREATE TRIGGER "TR_Ext_Audit_Head_Delete" BEFORE DELETE ON "Ext_Audit_Head"
BEGIN SELECT RAISE(ABORT, 'the audit log keeps its head'); END;
