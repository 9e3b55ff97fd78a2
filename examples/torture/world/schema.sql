-- What the checker keeps beside the daemons' tables: every change of a run, a tick and a job's state with the
-- transaction that made it, and the traces of the tasks. Rows of one run are numbered in the order of their commits,
-- since the run's row is locked from its change to the end of the transaction.

CREATE TABLE torture_run (
    seq bigserial PRIMARY KEY, xid bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    run text NOT NULL, job text NOT NULL, scheduled_for timestamptz, state text NOT NULL, owner text,
    fence bigint NOT NULL, lease_until timestamptz, total int NOT NULL, done int NOT NULL, failed int NOT NULL
);
CREATE FUNCTION torture_run() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO torture_run (run, job, scheduled_for, state, owner, fence, lease_until, total, done, failed)
    VALUES (NEW.id, NEW.job, NEW.scheduled_for, NEW.state, NEW.owner, NEW.fence, NEW.lease_until, NEW.total, NEW.done, NEW.failed);
    RETURN NULL;
END $$;
CREATE TRIGGER torture_run AFTER INSERT OR UPDATE ON run FOR EACH ROW EXECUTE FUNCTION torture_run();

CREATE TABLE torture_tick (
    seq bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(),
    job text NOT NULL, scheduled_for timestamptz NOT NULL, outcome text NOT NULL, run text
);
CREATE FUNCTION torture_tick() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO torture_tick (job, scheduled_for, outcome, run) VALUES (NEW.job, NEW.scheduled_for, NEW.outcome, NEW.run_id);
    RETURN NULL;
END $$;
CREATE TRIGGER torture_tick AFTER INSERT ON tick FOR EACH ROW EXECUTE FUNCTION torture_tick();

CREATE TABLE torture_state (
    seq bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(),
    job text NOT NULL, cursor_at timestamptz NOT NULL, schedule text NOT NULL, paused boolean NOT NULL
);
CREATE FUNCTION torture_state() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO torture_state (job, cursor_at, schedule, paused) VALUES (NEW.job, NEW.cursor_at, NEW.schedule, NEW.paused);
    RETURN NULL;
END $$;
CREATE TRIGGER torture_state AFTER INSERT OR UPDATE ON job_state FOR EACH ROW EXECUTE FUNCTION torture_state();

CREATE TABLE torture_enter (
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    run text NOT NULL, key text NOT NULL, fence bigint NOT NULL, owner text NOT NULL, who text NOT NULL
);
CREATE TABLE torture_write (
    xid bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint, at timestamptz NOT NULL DEFAULT clock_timestamp(),
    run text NOT NULL, key text NOT NULL, half int NOT NULL, fence bigint NOT NULL, owner text NOT NULL, who text NOT NULL
);
CREATE TABLE torture_total (run text NOT NULL, key text NOT NULL, total int NOT NULL, PRIMARY KEY (run, key));
