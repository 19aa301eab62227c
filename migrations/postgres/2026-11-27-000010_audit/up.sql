-- The chain of the audit log: each entry has a number and a hash over the one before and what it says.
CREATE TABLE "Ext_Audit_Chain" (
    "Number" bigint CONSTRAINT "PK_Ext_Audit_Chain_Number" PRIMARY KEY,
    "Audit_Log_Entry_Id" uuid NOT NULL CONSTRAINT "UQ_Ext_Audit_Chain_Audit_Log_Entry_Id" UNIQUE,
    "Hash" bytea NOT NULL CONSTRAINT "CK_Ext_Audit_Chain_Hash" CHECK (length("Hash") = 32)
);

-- One row: the end of the chain, and where it begins since old entries were removed. Whoever adds to
-- the chain holds this row until the transaction ends.
CREATE TABLE "Ext_Audit_Head" (
    "Head_Id" integer CONSTRAINT "PK_Ext_Audit_Head_Head_Id" PRIMARY KEY CONSTRAINT "CK_Ext_Audit_Head_Head_Id" CHECK ("Head_Id" = 1),
    "Last_Number" bigint NOT NULL,
    "Last_Hash" bytea NOT NULL,
    "Removed_Number" bigint NOT NULL,
    "Removed_Hash" bytea NOT NULL
);

INSERT INTO "Ext_Audit_Head" VALUES (1, 0, decode(repeat('00', 32), 'hex'), 0, decode(repeat('00', 32), 'hex'));

-- What the settings were at the last start, as keyed fingerprints.
CREATE TABLE "Ext_Audit_Settings" (
    "Name" text COLLATE "C" CONSTRAINT "PK_Ext_Audit_Settings_Name" PRIMARY KEY,
    "Fingerprint" text COLLATE "C" NOT NULL
);

CREATE FUNCTION "ext_audit_refuse"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit log is not changed'; END $$;

CREATE FUNCTION "ext_audit_entry_goes"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM "Ext_Audit_Chain" c, "Ext_Audit_Head" h
        WHERE c."Audit_Log_Entry_Id" = OLD."Audit_Log_Entry_Id" AND c."Number" <= h."Removed_Number") THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit log loses nothing but by its retention';
END $$;

CREATE FUNCTION "ext_audit_link_goes"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM "Ext_Audit_Head" h WHERE OLD."Number" <= h."Removed_Number") THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit log loses nothing but by its retention';
END $$;

CREATE FUNCTION "ext_audit_head_moves"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW."Head_Id" <> OLD."Head_Id" OR NEW."Last_Number" < OLD."Last_Number"
        OR NEW."Removed_Number" < OLD."Removed_Number" OR NEW."Removed_Number" > NEW."Last_Number" THEN
        RAISE EXCEPTION 'the audit log only grows at its end';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER "TR_Ext_Audit_Entries_Update" BEFORE UPDATE OR TRUNCATE ON "Sys_Audit_Log_Entries"
    FOR EACH STATEMENT EXECUTE FUNCTION "ext_audit_refuse"();
CREATE TRIGGER "TR_Ext_Audit_Entries_Delete" BEFORE DELETE ON "Sys_Audit_Log_Entries"
    FOR EACH ROW EXECUTE FUNCTION "ext_audit_entry_goes"();
CREATE TRIGGER "TR_Ext_Audit_Chain_Update" BEFORE UPDATE OR TRUNCATE ON "Ext_Audit_Chain"
    FOR EACH STATEMENT EXECUTE FUNCTION "ext_audit_refuse"();
CREATE TRIGGER "TR_Ext_Audit_Chain_Delete" BEFORE DELETE ON "Ext_Audit_Chain"
    FOR EACH ROW EXECUTE FUNCTION "ext_audit_link_goes"();
CREATE TRIGGER "TR_Ext_Audit_Head_Update" BEFORE UPDATE ON "Ext_Audit_Head"
    FOR EACH ROW EXECUTE FUNCTION "ext_audit_head_moves"();
CREATE TRIGGER "TR_Ext_Audit_Head_Delete" BEFORE DELETE OR TRUNCATE ON "Ext_Audit_Head"
    FOR EACH STATEMENT EXECUTE FUNCTION "ext_audit_refuse"();
