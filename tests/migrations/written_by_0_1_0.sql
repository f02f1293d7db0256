SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
ALTER SCHEMA public OWNER TO eucora_owner;
CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        RAISE EXCEPTION 'the table % is append-only: % is refused', TG_TABLE_NAME, TG_OP;
    END $$;
ALTER FUNCTION public.refuse_change() OWNER TO eucora_owner;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
ALTER TABLE public.alembic_version OWNER TO eucora_owner;
CREATE TABLE public.applications (
    id bigint NOT NULL,
    name text NOT NULL
);
ALTER TABLE public.applications OWNER TO eucora_owner;
CREATE SEQUENCE public.applications_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.applications_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.applications_id_seq OWNED BY public.applications.id;
CREATE TABLE public.approvals (
    id bigint NOT NULL,
    deployment_id bigint NOT NULL,
    answer character varying(20) NOT NULL,
    subject text NOT NULL,
    comment text NOT NULL,
    at timestamp with time zone NOT NULL,
    content_hash text NOT NULL,
    invalidated_at timestamp with time zone,
    CONSTRAINT ck_approvals_answer CHECK (((answer)::text = ANY ((ARRAY['approve'::character varying, 'reject'::character varying])::text[])))
);
ALTER TABLE public.approvals OWNER TO eucora_owner;
CREATE SEQUENCE public.approvals_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.approvals_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.approvals_id_seq OWNED BY public.approvals.id;
CREATE TABLE public.assignments (
    id bigint NOT NULL,
    deployment_id bigint NOT NULL,
    ring_id bigint NOT NULL,
    device_id bigint NOT NULL,
    connector text NOT NULL,
    state character varying(20) NOT NULL,
    command_id bigint,
    source text,
    sequence bigint NOT NULL,
    reason text,
    dispatched_at timestamp with time zone,
    reported_at timestamp with time zone,
    site_class text NOT NULL,
    release_id bigint,
    previous_release_id bigint,
    CONSTRAINT ck_assignments_assignmentstate CHECK (((state)::text = ANY ((ARRAY['pending'::character varying, 'dispatched'::character varying, 'installing'::character varying, 'deferred'::character varying, 'succeeded'::character varying, 'already_compliant'::character varying, 'failed'::character varying, 'unreachable'::character varying, 'expired'::character varying, 'not_applicable'::character varying, 'retired'::character varying, 'cancelled'::character varying, 'superseded'::character varying])::text[])))
)
WITH (fillfactor='70');
ALTER TABLE public.assignments OWNER TO eucora_owner;
CREATE SEQUENCE public.assignments_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.assignments_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.assignments_id_seq OWNED BY public.assignments.id;
CREATE TABLE public.break_glass (
    id bigint NOT NULL,
    deployment_id bigint NOT NULL,
    incident_id bigint NOT NULL,
    reason text NOT NULL,
    broken_by text NOT NULL,
    broken_at timestamp with time zone NOT NULL,
    confirm_by timestamp with time zone NOT NULL,
    confirmed_by text,
    confirmed_at timestamp with time zone
);
ALTER TABLE public.break_glass OWNER TO eucora_owner;
CREATE SEQUENCE public.break_glass_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.break_glass_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.break_glass_id_seq OWNED BY public.break_glass.id;
CREATE TABLE public.breakers (
    connector text NOT NULL,
    state text NOT NULL,
    failures bigint NOT NULL,
    successes bigint NOT NULL,
    retry_at timestamp with time zone,
    wait_seconds bigint NOT NULL,
    probe_until timestamp with time zone
);
ALTER TABLE public.breakers OWNER TO eucora_owner;
CREATE TABLE public.commands (
    id bigint NOT NULL,
    deployment_id bigint NOT NULL,
    ring_id bigint NOT NULL,
    connector text NOT NULL,
    key text NOT NULL,
    size bigint NOT NULL,
    state character varying(20) NOT NULL,
    external_ref text,
    cursor bigint NOT NULL,
    tries bigint NOT NULL,
    error text,
    attempted_at timestamp with time zone,
    confirmed_at timestamp with time zone,
    due_at timestamp with time zone,
    verb character varying(20) DEFAULT 'publish'::character varying NOT NULL,
    purpose character varying(20) DEFAULT 'rollout'::character varying NOT NULL,
    release_id bigint,
    device_id bigint,
    collected_at timestamp with time zone,
    CONSTRAINT ck_commands_commandstate CHECK (((state)::text = ANY ((ARRAY['queued'::character varying, 'sending'::character varying, 'confirmed'::character varying, 'retry_wait'::character varying, 'failed'::character varying, 'unknown'::character varying])::text[]))),
    CONSTRAINT ck_commands_purpose CHECK (((purpose)::text = ANY ((ARRAY['rollout'::character varying, 'validation'::character varying, 'remediation'::character varying])::text[]))),
    CONSTRAINT ck_commands_verb CHECK (((verb)::text = ANY ((ARRAY['publish'::character varying, 'withdraw'::character varying])::text[])))
);
ALTER TABLE public.commands OWNER TO eucora_owner;
CREATE SEQUENCE public.commands_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.commands_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.commands_id_seq OWNED BY public.commands.id;
CREATE TABLE public.deployments (
    id bigint NOT NULL,
    application_id bigint NOT NULL,
    release_id bigint NOT NULL,
    platform text NOT NULL,
    application_label text NOT NULL,
    plan jsonb NOT NULL,
    scope jsonb NOT NULL,
    state character varying(20) NOT NULL,
    reason text NOT NULL,
    version bigint NOT NULL,
    requested_by text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone,
    paused_at timestamp with time zone,
    finished_at timestamp with time zone,
    due_at timestamp with time zone,
    kind character varying(20) DEFAULT 'rollout'::character varying NOT NULL,
    rolls_back bigint,
    supersedes bigint,
    declared_risk jsonb DEFAULT '{}'::jsonb NOT NULL,
    evidence jsonb DEFAULT '{}'::jsonb NOT NULL,
    evidence_hash text,
    joined_until timestamp with time zone,
    holds jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT ck_deployments_deploymentkind CHECK (((kind)::text = ANY ((ARRAY['rollout'::character varying, 'rollback'::character varying])::text[]))),
    CONSTRAINT ck_deployments_deploymentstate CHECK (((state)::text = ANY ((ARRAY['planning'::character varying, 'running'::character varying, 'paused'::character varying, 'completed'::character varying, 'aborted'::character varying, 'failed'::character varying, 'rejected'::character varying])::text[])))
);
ALTER TABLE public.deployments OWNER TO eucora_owner;
CREATE SEQUENCE public.deployments_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.deployments_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.deployments_id_seq OWNED BY public.deployments.id;
CREATE TABLE public.devices (
    id bigint NOT NULL,
    external_id text NOT NULL,
    platform text NOT NULL,
    connector text NOT NULL,
    site_class text NOT NULL,
    business_unit text NOT NULL,
    tags text[] NOT NULL,
    criticality text NOT NULL,
    bucket integer NOT NULL,
    registered_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone,
    changed_at timestamp with time zone NOT NULL
);
ALTER TABLE public.devices OWNER TO eucora_owner;
CREATE SEQUENCE public.devices_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.devices_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.devices_id_seq OWNED BY public.devices.id;
CREATE TABLE public.drift_findings (
    id bigint NOT NULL,
    device_id bigint NOT NULL,
    application_id bigint NOT NULL,
    deployment_id bigint,
    ring text,
    kind character varying(20) NOT NULL,
    expected text,
    found text,
    state character varying(20) NOT NULL,
    tries bigint NOT NULL,
    next_try_at timestamp with time zone,
    found_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    resolved_at timestamp with time zone,
    CONSTRAINT ck_drift_findings_driftkind CHECK (((kind)::text = ANY ((ARRAY['missing'::character varying, 'extra'::character varying, 'version'::character varying, 'scope'::character varying])::text[]))),
    CONSTRAINT ck_drift_findings_findingstate CHECK (((state)::text = ANY ((ARRAY['open'::character varying, 'remediating'::character varying, 'needs_person'::character varying, 'accepted'::character varying, 'resolved'::character varying])::text[])))
);
ALTER TABLE public.drift_findings OWNER TO eucora_owner;
CREATE SEQUENCE public.drift_findings_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.drift_findings_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.drift_findings_id_seq OWNED BY public.drift_findings.id;
CREATE TABLE public.events (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    type text NOT NULL,
    actor text NOT NULL,
    deployment_id bigint,
    payload jsonb NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL
);
ALTER TABLE public.events OWNER TO eucora_owner;
CREATE TABLE public.freezes (
    id bigint NOT NULL,
    kind character varying(20) NOT NULL,
    application text,
    reason text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone,
    windows jsonb NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    lift_requested_by text,
    lift_requested_at timestamp with time zone,
    lift_reason text,
    lifted_by text,
    lifted_at timestamp with time zone,
    CONSTRAINT ck_freezes_freezekind CHECK (((kind)::text = ANY ((ARRAY['freeze'::character varying, 'emergency_stop'::character varying])::text[])))
);
ALTER TABLE public.freezes OWNER TO eucora_owner;
CREATE SEQUENCE public.freezes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.freezes_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.freezes_id_seq OWNED BY public.freezes.id;
CREATE TABLE public.gate_evaluations (
    id bigint NOT NULL,
    deployment_id bigint NOT NULL,
    ring_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    policy_version bigint NOT NULL,
    verdict text NOT NULL,
    code text NOT NULL,
    reason text NOT NULL,
    inputs jsonb NOT NULL
);
ALTER TABLE public.gate_evaluations OWNER TO eucora_owner;
CREATE SEQUENCE public.gate_evaluations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.gate_evaluations_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.gate_evaluations_id_seq OWNED BY public.gate_evaluations.id;
CREATE TABLE public.idempotency_keys (
    token_id bigint NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    status bigint,
    headers jsonb,
    body bytea
);
ALTER TABLE public.idempotency_keys OWNER TO eucora_owner;
CREATE TABLE public.incidents (
    id bigint NOT NULL,
    deployment_id bigint,
    severity character varying(20) NOT NULL,
    title text NOT NULL,
    opened_by text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_by text,
    closed_at timestamp with time zone,
    resolution text,
    CONSTRAINT ck_incidents_severity CHECK (((severity)::text = ANY ((ARRAY['P0'::character varying, 'P1'::character varying, 'P2'::character varying, 'P3'::character varying])::text[])))
);
ALTER TABLE public.incidents OWNER TO eucora_owner;
CREATE SEQUENCE public.incidents_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.incidents_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.incidents_id_seq OWNED BY public.incidents.id;
CREATE TABLE public.installations (
    device_id bigint NOT NULL,
    application_id bigint NOT NULL,
    release_id bigint,
    deployment_id bigint NOT NULL,
    at timestamp with time zone NOT NULL
);
ALTER TABLE public.installations OWNER TO eucora_owner;
CREATE TABLE public.measurements (
    id bigint NOT NULL,
    deployment_id bigint NOT NULL,
    ring_id bigint NOT NULL,
    analysis text NOT NULL,
    at timestamp with time zone NOT NULL,
    phase character varying(20) NOT NULL,
    value double precision,
    detail text NOT NULL,
    points jsonb NOT NULL,
    CONSTRAINT ck_measurements_phase CHECK (((phase)::text = ANY ((ARRAY['success'::character varying, 'failure'::character varying, 'inconclusive'::character varying, 'error'::character varying])::text[])))
);
ALTER TABLE public.measurements OWNER TO eucora_owner;
CREATE SEQUENCE public.measurements_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.measurements_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.measurements_id_seq OWNED BY public.measurements.id;
CREATE TABLE public.releases (
    id bigint NOT NULL,
    application_id bigint NOT NULL,
    version text NOT NULL,
    platform text NOT NULL,
    artifact_hash text NOT NULL
);
ALTER TABLE public.releases OWNER TO eucora_owner;
CREATE SEQUENCE public.releases_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.releases_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.releases_id_seq OWNED BY public.releases.id;
CREATE TABLE public.reports (
    id bigint NOT NULL,
    source text NOT NULL,
    external_id text NOT NULL,
    sequence bigint NOT NULL,
    assignment_id bigint NOT NULL,
    outcome text NOT NULL,
    reason text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL
);
ALTER TABLE public.reports OWNER TO eucora_owner;
CREATE SEQUENCE public.reports_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.reports_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.reports_id_seq OWNED BY public.reports.id;
CREATE TABLE public.ring_plans (
    id bigint NOT NULL,
    name text NOT NULL,
    version bigint NOT NULL,
    plan jsonb NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone NOT NULL
);
ALTER TABLE public.ring_plans OWNER TO eucora_owner;
CREATE SEQUENCE public.ring_plans_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.ring_plans_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.ring_plans_id_seq OWNED BY public.ring_plans.id;
CREATE TABLE public.rings (
    id bigint NOT NULL,
    deployment_id bigint NOT NULL,
    "position" integer NOT NULL,
    name text NOT NULL,
    key text NOT NULL,
    state character varying(20) NOT NULL,
    targeted bigint NOT NULL,
    excluded bigint NOT NULL,
    eligible bigint NOT NULL,
    succeeded bigint NOT NULL,
    failed bigint NOT NULL,
    silent bigint NOT NULL,
    pending bigint NOT NULL,
    dispatched bigint NOT NULL,
    waiting jsonb NOT NULL,
    sending bigint NOT NULL,
    commands bigint NOT NULL,
    verdict text,
    verdict_code text,
    verdict_reason text,
    waiting_since timestamp with time zone,
    dispatched_at timestamp with time zone,
    covered_at timestamp with time zone,
    finished_at timestamp with time zone,
    held_ms bigint NOT NULL,
    compliant bigint DEFAULT '0'::bigint NOT NULL,
    validation character varying(20),
    validation_tries bigint DEFAULT '0'::bigint NOT NULL,
    CONSTRAINT ck_rings_eligible_adds_up CHECK (((((succeeded + failed) + silent) + pending) = eligible)),
    CONSTRAINT ck_rings_not_negative CHECK ((LEAST(targeted, excluded, eligible, succeeded, failed, silent, pending, dispatched, sending, compliant) >= 0)),
    CONSTRAINT ck_rings_ringstate CHECK (((state)::text = ANY ((ARRAY['pending'::character varying, 'deploying'::character varying, 'soaking'::character varying, 'passed'::character varying, 'failed'::character varying, 'waived'::character varying, 'skipped'::character varying])::text[]))),
    CONSTRAINT ck_rings_targeted_adds_up CHECK (((eligible + excluded) = targeted)),
    CONSTRAINT ck_rings_validationstate CHECK (((validation)::text = ANY ((ARRAY['withdrawing'::character varying, 'reinstalling'::character varying, 'validated'::character varying, 'failed'::character varying])::text[])))
);
ALTER TABLE public.rings OWNER TO eucora_owner;
CREATE SEQUENCE public.rings_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.rings_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.rings_id_seq OWNED BY public.rings.id;
CREATE TABLE public.risk_assessments (
    id bigint NOT NULL,
    deployment_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    policy_version bigint NOT NULL,
    score double precision NOT NULL,
    factors jsonb NOT NULL,
    contributions jsonb NOT NULL,
    devices bigint NOT NULL,
    blast_class text NOT NULL,
    needs_approval boolean NOT NULL
);
ALTER TABLE public.risk_assessments OWNER TO eucora_owner;
CREATE SEQUENCE public.risk_assessments_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.risk_assessments_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.risk_assessments_id_seq OWNED BY public.risk_assessments.id;
CREATE TABLE public.simulated_publications (
    id bigint NOT NULL,
    key text NOT NULL,
    ring text NOT NULL,
    artifact_hash text NOT NULL,
    published_at timestamp with time zone NOT NULL,
    devices text[] NOT NULL,
    verb text DEFAULT 'publish'::text NOT NULL,
    application text DEFAULT ''::text NOT NULL,
    version text DEFAULT ''::text NOT NULL,
    platform text DEFAULT ''::text NOT NULL
);
ALTER TABLE public.simulated_publications OWNER TO eucora_owner;
CREATE SEQUENCE public.simulated_publications_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.simulated_publications_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.simulated_publications_id_seq OWNED BY public.simulated_publications.id;
CREATE TABLE public.tokens (
    id bigint NOT NULL,
    hash bytea NOT NULL,
    subject text NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);
ALTER TABLE public.tokens OWNER TO eucora_owner;
CREATE SEQUENCE public.tokens_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.tokens_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.tokens_id_seq OWNED BY public.tokens.id;
CREATE TABLE public.waivers (
    id bigint NOT NULL,
    deployment_id bigint NOT NULL,
    ring_id bigint NOT NULL,
    granted_by text NOT NULL,
    granted_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    reason text NOT NULL,
    compensating_controls text NOT NULL
);
ALTER TABLE public.waivers OWNER TO eucora_owner;
CREATE SEQUENCE public.waivers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.waivers_id_seq OWNER TO eucora_owner;
ALTER SEQUENCE public.waivers_id_seq OWNED BY public.waivers.id;
ALTER TABLE ONLY public.applications ALTER COLUMN id SET DEFAULT nextval('public.applications_id_seq'::regclass);
ALTER TABLE ONLY public.approvals ALTER COLUMN id SET DEFAULT nextval('public.approvals_id_seq'::regclass);
ALTER TABLE ONLY public.assignments ALTER COLUMN id SET DEFAULT nextval('public.assignments_id_seq'::regclass);
ALTER TABLE ONLY public.break_glass ALTER COLUMN id SET DEFAULT nextval('public.break_glass_id_seq'::regclass);
ALTER TABLE ONLY public.commands ALTER COLUMN id SET DEFAULT nextval('public.commands_id_seq'::regclass);
ALTER TABLE ONLY public.deployments ALTER COLUMN id SET DEFAULT nextval('public.deployments_id_seq'::regclass);
ALTER TABLE ONLY public.devices ALTER COLUMN id SET DEFAULT nextval('public.devices_id_seq'::regclass);
ALTER TABLE ONLY public.drift_findings ALTER COLUMN id SET DEFAULT nextval('public.drift_findings_id_seq'::regclass);
ALTER TABLE ONLY public.freezes ALTER COLUMN id SET DEFAULT nextval('public.freezes_id_seq'::regclass);
ALTER TABLE ONLY public.gate_evaluations ALTER COLUMN id SET DEFAULT nextval('public.gate_evaluations_id_seq'::regclass);
ALTER TABLE ONLY public.incidents ALTER COLUMN id SET DEFAULT nextval('public.incidents_id_seq'::regclass);
ALTER TABLE ONLY public.measurements ALTER COLUMN id SET DEFAULT nextval('public.measurements_id_seq'::regclass);
ALTER TABLE ONLY public.releases ALTER COLUMN id SET DEFAULT nextval('public.releases_id_seq'::regclass);
ALTER TABLE ONLY public.reports ALTER COLUMN id SET DEFAULT nextval('public.reports_id_seq'::regclass);
ALTER TABLE ONLY public.ring_plans ALTER COLUMN id SET DEFAULT nextval('public.ring_plans_id_seq'::regclass);
ALTER TABLE ONLY public.rings ALTER COLUMN id SET DEFAULT nextval('public.rings_id_seq'::regclass);
ALTER TABLE ONLY public.risk_assessments ALTER COLUMN id SET DEFAULT nextval('public.risk_assessments_id_seq'::regclass);
ALTER TABLE ONLY public.simulated_publications ALTER COLUMN id SET DEFAULT nextval('public.simulated_publications_id_seq'::regclass);
ALTER TABLE ONLY public.tokens ALTER COLUMN id SET DEFAULT nextval('public.tokens_id_seq'::regclass);
ALTER TABLE ONLY public.waivers ALTER COLUMN id SET DEFAULT nextval('public.waivers_id_seq'::regclass);
COPY public.alembic_version (version_num) FROM stdin;
0003
\.
COPY public.applications (id, name) FROM stdin;
1	vpn
2	editor
\.
COPY public.approvals (id, deployment_id, answer, subject, comment, at, content_hash, invalidated_at) FROM stdin;
\.
COPY public.assignments (id, deployment_id, ring_id, device_id, connector, state, command_id, source, sequence, reason, dispatched_at, reported_at, site_class, release_id, previous_release_id) FROM stdin;
23	1	1	26	simulated	succeeded	1	simulated	12	installed	2026-11-27 00:48:48.944516+00	2026-11-27 00:48:50.426134+00	online	\N	\N
40	1	1	1	simulated	succeeded	1	simulated	12	installed	2026-11-27 00:48:48.944516+00	2026-11-27 00:48:50.679655+00	online	\N	\N
1	1	4	12	simulated	succeeded	7	simulated	72	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:57.869784+00	online	\N	\N
2	1	4	44	simulated	succeeded	7	simulated	72	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:57.475274+00	online	\N	\N
8	1	4	30	simulated	succeeded	7	simulated	72	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:56.952986+00	online	\N	\N
9	1	4	43	simulated	succeeded	7	simulated	72	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:57.314657+00	online	\N	\N
12	1	4	32	simulated	succeeded	7	simulated	72	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:57.681747+00	online	\N	\N
51	2	9	12	simulated	succeeded	8	simulated	82	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:57.869784+00	online	\N	\N
52	2	9	44	simulated	succeeded	8	simulated	82	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:57.475274+00	online	\N	\N
3	1	4	17	simulated	succeeded	7	simulated	72	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:58.904012+00	online	\N	\N
4	1	4	40	simulated	succeeded	7	simulated	72	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:58.057081+00	online	\N	\N
5	1	4	36	simulated	succeeded	7	simulated	72	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:58.564569+00	online	\N	\N
6	1	4	37	simulated	succeeded	7	simulated	72	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:58.010289+00	online	\N	\N
7	1	4	49	simulated	succeeded	7	simulated	72	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:58.905521+00	online	\N	\N
10	1	4	13	simulated	succeeded	7	simulated	72	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:58.470693+00	online	\N	\N
11	1	4	22	simulated	succeeded	7	simulated	72	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:58.467782+00	online	\N	\N
13	1	5	41	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:00.851906+00	online	\N	\N
20	1	5	47	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:00.817917+00	online	\N	\N
24	1	5	5	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:00.897211+00	online	\N	\N
14	1	5	46	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.013641+00	online	\N	\N
15	1	5	35	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:00.949931+00	online	\N	\N
16	1	5	31	simulated	succeeded	9	simulated	92	installed	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.359615+00	online	\N	\N
17	1	5	3	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.143898+00	online	\N	\N
18	1	5	8	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:00.96547+00	online	\N	\N
19	1	5	7	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.027872+00	online	\N	\N
21	1	5	11	simulated	succeeded	9	simulated	92	installed	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.745609+00	online	\N	\N
22	1	5	16	simulated	succeeded	9	simulated	92	installed	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.612958+00	online	\N	\N
25	1	5	9	simulated	succeeded	9	simulated	92	installed	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.190094+00	online	\N	\N
63	2	10	41	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
64	2	10	46	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
65	2	10	35	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
66	2	10	31	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
67	2	10	3	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
68	2	10	8	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
69	2	10	7	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
70	2	10	47	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
71	2	10	11	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
72	2	10	16	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
74	2	10	5	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
75	2	10	9	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
76	2	10	38	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
77	2	10	25	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
78	2	10	4	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
79	2	10	19	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
80	2	10	15	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
81	2	10	50	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
82	2	10	24	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
83	2	10	10	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
84	2	10	20	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
85	2	10	18	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
86	2	10	21	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
87	2	10	28	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
88	2	10	6	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
89	2	10	33	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
91	2	10	23	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
92	2	10	29	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
93	2	10	48	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
94	2	10	2	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
95	2	10	27	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
96	2	10	14	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
97	2	10	45	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
98	2	10	34	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
99	2	10	39	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
100	2	10	42	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
73	2	6	26	simulated	succeeded	2	simulated	22	installed	2026-11-27 00:48:48.944516+00	2026-11-27 00:48:50.426134+00	online	\N	\N
90	2	6	1	simulated	succeeded	2	simulated	22	installed	2026-11-27 00:48:48.944516+00	2026-11-27 00:48:50.679655+00	online	\N	\N
58	2	9	30	simulated	succeeded	8	simulated	82	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:56.952986+00	online	\N	\N
59	2	9	43	simulated	succeeded	8	simulated	82	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:57.314657+00	online	\N	\N
62	2	9	32	simulated	succeeded	8	simulated	82	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:57.681747+00	online	\N	\N
53	2	9	17	simulated	succeeded	8	simulated	82	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:58.904012+00	online	\N	\N
54	2	9	40	simulated	succeeded	8	simulated	82	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:58.057081+00	online	\N	\N
55	2	9	36	simulated	succeeded	8	simulated	82	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:58.564569+00	online	\N	\N
56	2	9	37	simulated	succeeded	8	simulated	82	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:58.010289+00	online	\N	\N
57	2	9	49	simulated	succeeded	8	simulated	82	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:58.905521+00	online	\N	\N
60	2	9	13	simulated	succeeded	8	simulated	82	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:58.470693+00	online	\N	\N
61	2	9	22	simulated	succeeded	8	simulated	82	installed	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:58.467782+00	online	\N	\N
26	1	5	38	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:00.804517+00	online	\N	\N
29	1	5	19	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:00.798499+00	online	\N	\N
30	1	5	15	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:00.828887+00	online	\N	\N
41	1	5	23	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:00.836238+00	online	\N	\N
43	1	5	48	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:00.811119+00	online	\N	\N
47	1	5	45	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:00.824416+00	online	\N	\N
27	1	5	25	simulated	succeeded	9	simulated	92	installed	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.52332+00	online	\N	\N
28	1	5	4	simulated	succeeded	9	simulated	92	installed	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.448935+00	online	\N	\N
31	1	5	50	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.120726+00	online	\N	\N
32	1	5	24	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.037465+00	online	\N	\N
33	1	5	10	simulated	succeeded	9	simulated	92	installed	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.434644+00	online	\N	\N
34	1	5	20	simulated	succeeded	9	simulated	92	installed	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.599385+00	online	\N	\N
35	1	5	18	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.078062+00	online	\N	\N
36	1	5	21	simulated	succeeded	9	simulated	92	installed	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.708515+00	online	\N	\N
37	1	5	28	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.007049+00	online	\N	\N
38	1	5	6	simulated	succeeded	9	simulated	92	installed	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.324275+00	online	\N	\N
39	1	5	33	simulated	succeeded	9	simulated	92	installed	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.278867+00	online	\N	\N
42	1	5	29	simulated	succeeded	9	simulated	92	installed	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.800695+00	online	\N	\N
44	1	5	2	simulated	succeeded	9	simulated	92	installed	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.813806+00	online	\N	\N
45	1	5	27	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:00.984955+00	online	\N	\N
46	1	5	14	simulated	succeeded	9	simulated	92	installed	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.805023+00	online	\N	\N
48	1	5	34	simulated	succeeded	9	simulated	92	installed	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.862601+00	online	\N	\N
49	1	5	39	simulated	succeeded	9	simulated	92	installed	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.676731+00	online	\N	\N
50	1	5	42	simulated	installing	9	simulated	91	downloaded	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:01.097277+00	online	\N	\N
\.
COPY public.break_glass (id, deployment_id, incident_id, reason, broken_by, broken_at, confirm_by, confirmed_by, confirmed_at) FROM stdin;
\.
COPY public.breakers (connector, state, failures, successes, retry_at, wait_seconds, probe_until) FROM stdin;
\.
COPY public.commands (id, deployment_id, ring_id, connector, key, size, state, external_ref, cursor, tries, error, attempted_at, confirmed_at, due_at, verb, purpose, release_id, device_id, collected_at) FROM stdin;
1	1	1	simulated	1:lab:publish:1	2	confirmed	1	4	1	\N	2026-11-27 00:48:48.944516+00	2026-11-27 00:48:48.944516+00	\N	publish	rollout	\N	\N	2026-11-27 00:48:50.944516+00
2	2	6	simulated	2:lab:publish:1	2	confirmed	2	4	1	\N	2026-11-27 00:48:48.944516+00	2026-11-27 00:48:48.944516+00	\N	publish	rollout	\N	\N	2026-11-27 00:48:50.944516+00
3	1	1	simulated	1:lab:withdrawing:1	1	confirmed	3	1	1	\N	2026-11-27 00:48:50.944516+00	2026-11-27 00:48:50.944516+00	\N	withdraw	validation	\N	26	2026-11-27 00:48:53.944516+00
4	2	6	simulated	2:lab:withdrawing:1	1	confirmed	4	1	1	\N	2026-11-27 00:48:50.944516+00	2026-11-27 00:48:50.944516+00	\N	withdraw	validation	\N	26	2026-11-27 00:48:53.944516+00
5	1	1	simulated	1:lab:reinstalling:1	1	confirmed	5	2	1	\N	2026-11-27 00:48:53.944516+00	2026-11-27 00:48:53.944516+00	\N	publish	validation	\N	26	2026-11-27 00:48:55.944516+00
6	2	6	simulated	2:lab:reinstalling:1	1	confirmed	6	2	1	\N	2026-11-27 00:48:53.944516+00	2026-11-27 00:48:53.944516+00	\N	publish	validation	\N	26	2026-11-27 00:48:55.944516+00
7	1	4	simulated	1:department:publish:1	12	confirmed	7	24	1	\N	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:55.944516+00	\N	publish	rollout	\N	\N	2026-11-27 00:48:58.944516+00
8	2	9	simulated	2:department:publish:1	12	confirmed	8	24	1	\N	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:55.944516+00	\N	publish	rollout	\N	\N	2026-11-27 00:48:58.944516+00
9	1	5	simulated	1:global:publish:1	36	confirmed	9	52	1	\N	2026-11-27 00:48:59.944516+00	2026-11-27 00:48:59.944516+00	2026-11-27 00:49:02.944516+00	publish	rollout	\N	\N	2026-11-27 00:49:01.944516+00
\.
COPY public.deployments (id, application_id, release_id, platform, application_label, plan, scope, state, reason, version, requested_by, created_at, started_at, paused_at, finished_at, due_at, kind, rolls_back, supersedes, declared_risk, evidence, evidence_hash, joined_until, holds) FROM stdin;
1	1	1	windows	_other	{"name": "demo", "rings": [{"tag": "lab", "gate": {"target": 0.95, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 5, "soak_seconds": 1, "error_ceiling": 0.1, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": true}, "name": "lab", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.97, "on_fail": "pause", "analyses": [], "min_coverage": 0.85, "min_reported": 30, "soak_seconds": 1, "error_ceiling": 0.06, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": false}, "name": "canary", "share": 1, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.98, "on_fail": "pause", "analyses": [], "min_coverage": 0.8, "min_reported": 200, "soak_seconds": 1, "error_ceiling": 0.04, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": false}, "name": "pilot", "share": 5, "approval": {"when": "risk", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.99, "on_fail": "pause", "analyses": [], "min_coverage": 0.8, "min_reported": 500, "soak_seconds": 1, "error_ceiling": 0.02, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": false}, "name": "department", "share": 20, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.99, "on_fail": "pause", "analyses": [], "min_coverage": 0.8, "min_reported": 500, "soak_seconds": 1, "error_ceiling": 0.02, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": false}, "name": "global", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}], "version": 1, "windows": [], "rotation": 0, "silent_after": {"online": 15, "air_gapped": 15, "intermittent": 15}}	{"tags": [], "site_classes": [], "business_units": []}	running	planned	2	tester	2026-11-27 00:48:48.944516+00	2026-11-27 00:48:48.944516+00	\N	\N	2026-11-27 00:49:03.944516+00	rollout	\N	\N	{"privilege": 0.1, "data_access": 0.1, "supply_chain": 0.1, "critical_cves": 0, "cve_exception": "", "exploitability": 0.1, "vulnerabilities": 0.1, "privileged_tooling": false, "operational_complexity": 0.1}	{}	\N	2026-11-27 00:48:48.944516+00	[]
2	2	2	windows	_other	{"name": "demo", "rings": [{"tag": "lab", "gate": {"target": 0.95, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 5, "soak_seconds": 1, "error_ceiling": 0.1, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": true}, "name": "lab", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.97, "on_fail": "pause", "analyses": [], "min_coverage": 0.85, "min_reported": 30, "soak_seconds": 1, "error_ceiling": 0.06, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": false}, "name": "canary", "share": 1, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.98, "on_fail": "pause", "analyses": [], "min_coverage": 0.8, "min_reported": 200, "soak_seconds": 1, "error_ceiling": 0.04, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": false}, "name": "pilot", "share": 5, "approval": {"when": "risk", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.99, "on_fail": "pause", "analyses": [], "min_coverage": 0.8, "min_reported": 500, "soak_seconds": 1, "error_ceiling": 0.02, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": false}, "name": "department", "share": 20, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.99, "on_fail": "pause", "analyses": [], "min_coverage": 0.8, "min_reported": 500, "soak_seconds": 1, "error_ceiling": 0.02, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": false}, "name": "global", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}], "version": 1, "windows": [], "rotation": 0, "silent_after": {"online": 15, "air_gapped": 15, "intermittent": 15}}	{"tags": [], "site_classes": [], "business_units": []}	paused	a person looks at it	3	tester	2026-11-27 00:48:48.944516+00	2026-11-27 00:48:48.944516+00	2026-11-27 00:48:58.944516+00	\N	2026-11-27 00:49:09.944516+00	rollout	\N	\N	{"privilege": 0.1, "data_access": 0.1, "supply_chain": 0.1, "critical_cves": 0, "cve_exception": "", "exploitability": 0.1, "vulnerabilities": 0.1, "privileged_tooling": false, "operational_complexity": 0.1}	{}	\N	2026-11-27 00:48:48.944516+00	[]
\.
COPY public.devices (id, external_id, platform, connector, site_class, business_unit, tags, criticality, bucket, registered_at, retired_at, changed_at) FROM stdin;
1	dev-00000	windows	simulated	online		{lab}	normal	7286	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
2	dev-00001	windows	simulated	online		{}	normal	7962	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
3	dev-00002	windows	simulated	online		{}	normal	3383	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
4	dev-00003	windows	simulated	online		{}	normal	5498	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
5	dev-00004	windows	simulated	online		{}	normal	4509	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
6	dev-00005	windows	simulated	online		{}	normal	7135	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
7	dev-00006	windows	simulated	online		{}	normal	3491	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
8	dev-00007	windows	simulated	online		{}	normal	3438	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
9	dev-00008	windows	simulated	online		{}	normal	4548	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
10	dev-00009	windows	simulated	online		{}	normal	6395	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
11	dev-00010	windows	simulated	online		{}	normal	3760	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
12	dev-00011	windows	simulated	online		{}	normal	1248	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
13	dev-00012	windows	simulated	online		{}	normal	2393	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
14	dev-00013	windows	simulated	online		{}	normal	8117	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
15	dev-00014	windows	simulated	online		{}	normal	5807	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
16	dev-00015	windows	simulated	online		{}	normal	3899	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
17	dev-00016	windows	simulated	online		{}	normal	1268	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
18	dev-00017	windows	simulated	online		{}	normal	6876	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
19	dev-00018	windows	simulated	online		{}	normal	5521	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
20	dev-00019	windows	simulated	online		{}	normal	6520	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
21	dev-00020	windows	simulated	online		{}	normal	6937	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
22	dev-00021	windows	simulated	online		{}	normal	2455	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
23	dev-00022	windows	simulated	online		{}	normal	7405	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
24	dev-00023	windows	simulated	online		{}	normal	6013	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
25	dev-00024	windows	simulated	online		{}	normal	5318	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
26	dev-00025	windows	simulated	online		{lab}	normal	4300	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
27	dev-00026	windows	simulated	online		{}	normal	8020	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
28	dev-00027	windows	simulated	online		{}	normal	7060	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
29	dev-00028	windows	simulated	online		{}	normal	7732	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
30	dev-00029	windows	simulated	online		{}	normal	2054	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
31	dev-00030	windows	simulated	online		{}	normal	3012	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
32	dev-00031	windows	simulated	online		{}	normal	2459	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
33	dev-00032	windows	simulated	online		{}	normal	7172	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
34	dev-00033	windows	simulated	online		{}	normal	9200	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
35	dev-00034	windows	simulated	online		{}	normal	2784	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
36	dev-00035	windows	simulated	online		{}	normal	1567	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
37	dev-00036	windows	simulated	online		{}	normal	1913	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
38	dev-00037	windows	simulated	online		{}	normal	4707	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
39	dev-00038	windows	simulated	online		{}	normal	9348	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
40	dev-00039	windows	simulated	online		{}	normal	1535	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
41	dev-00040	windows	simulated	online		{}	normal	2717	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
42	dev-00041	windows	simulated	online		{}	normal	9436	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
43	dev-00042	windows	simulated	online		{}	normal	2318	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
44	dev-00043	windows	simulated	online		{}	normal	1251	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
45	dev-00044	windows	simulated	online		{}	normal	8350	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
46	dev-00045	windows	simulated	online		{}	normal	2764	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
47	dev-00046	windows	simulated	online		{}	normal	3499	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
48	dev-00047	windows	simulated	online		{}	normal	7768	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
49	dev-00048	windows	simulated	online		{}	normal	2011	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
50	dev-00049	windows	simulated	online		{}	normal	5850	2026-11-27 00:48:48.944516+00	\N	2026-11-27 00:48:48.944516+00
\.
COPY public.drift_findings (id, device_id, application_id, deployment_id, ring, kind, expected, found, state, tries, next_try_at, found_at, seen_at, resolved_at) FROM stdin;
\.
COPY public.events (id, at, type, actor, deployment_id, payload, previous_hash, hash) FROM stdin;
1	2026-11-27 00:48:48.944516+00	devices.registered	tester	\N	{"tallies": [{"count": 50, "result": "created", "connector": "simulated"}]}	\\x0000000000000000000000000000000000000000000000000000000000000000	\\x1b5ebe926bf48197834a5fe464362ee50a879295284068a9429cb435b0554675
2	2026-11-27 00:48:48.944516+00	deployment.created	tester	1	{"kind": "rollout", "reason": "requested", "version": "1.0", "application": "vpn", "application_label": "_other"}	\\x1b5ebe926bf48197834a5fe464362ee50a879295284068a9429cb435b0554675	\\x963fabf52c11f1557c6cca2edad11c4b4908ce7f3002f7e622ce4b3553dd0893
3	2026-11-27 00:48:48.944516+00	deployment.created	tester	2	{"kind": "rollout", "reason": "requested", "version": "1.0", "application": "editor", "application_label": "_other"}	\\x963fabf52c11f1557c6cca2edad11c4b4908ce7f3002f7e622ce4b3553dd0893	\\xca18f65cb9301f2ceee2128c5a8daba6d307b1888f2b74e54579f7fc66c80f49
4	2026-11-27 00:48:48.944516+00	deployment.assessed	system	1	{"kind": "rollout", "score": 16.0, "reason": "requested", "devices": 50, "blast_class": "under_100", "needs_approval": false, "application_label": "_other"}	\\xca18f65cb9301f2ceee2128c5a8daba6d307b1888f2b74e54579f7fc66c80f49	\\x66206197eb35acfcd54328406e209eff616dd90745565215761481665f4870ad
5	2026-11-27 00:48:48.944516+00	deployment.planned	system	1	{"kind": "rollout", "rings": {"lab": 2, "pilot": 0, "canary": 0, "global": 36, "department": 12}, "reason": "planned", "devices": 50, "application_label": "_other"}	\\x66206197eb35acfcd54328406e209eff616dd90745565215761481665f4870ad	\\x088e6ba6983cc2732490b4f8c69e73ae3afb2757be547f845a962c51a73a9400
6	2026-11-27 00:48:48.944516+00	deployment.assessed	system	2	{"kind": "rollout", "score": 16.0, "reason": "requested", "devices": 50, "blast_class": "under_100", "needs_approval": false, "application_label": "_other"}	\\x088e6ba6983cc2732490b4f8c69e73ae3afb2757be547f845a962c51a73a9400	\\xfb769053dde3d2006c25b1f47280f6314f5e7ff6b0a4ecd1b210c375370bef6b
7	2026-11-27 00:48:48.944516+00	deployment.planned	system	2	{"kind": "rollout", "rings": {"lab": 2, "pilot": 0, "canary": 0, "global": 36, "department": 12}, "reason": "planned", "devices": 50, "application_label": "_other"}	\\xfb769053dde3d2006c25b1f47280f6314f5e7ff6b0a4ecd1b210c375370bef6b	\\xcf2f97cd65f7169ab192a8e6af56fbb360e9ec15defa7647d63aa1425549397c
8	2026-11-27 00:48:48.944516+00	ring.started	system	1	{"kind": "rollout", "ring": "lab", "reason": "planned", "application_label": "_other"}	\\xcf2f97cd65f7169ab192a8e6af56fbb360e9ec15defa7647d63aa1425549397c	\\xc06145ec392b70693626e422d92ec529819e8dc774facd48d6acdac0675eb258
9	2026-11-27 00:48:48.944516+00	gate.evaluated	system	1	{"code": "min_reported", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "wait", "sentence": "0 of 2 devices reported", "application_label": "_other"}	\\xc06145ec392b70693626e422d92ec529819e8dc774facd48d6acdac0675eb258	\\x8740a82cf3781d1d0d8363e6eba94b72c2c98b4694536650da9886c5e19a45dd
10	2026-11-27 00:48:48.944516+00	ring.started	system	2	{"kind": "rollout", "ring": "lab", "reason": "planned", "application_label": "_other"}	\\x8740a82cf3781d1d0d8363e6eba94b72c2c98b4694536650da9886c5e19a45dd	\\xc0fb1e7d137a907e7b451cd3b55703803b7a3050828bfc382d5dacc2cca455d2
11	2026-11-27 00:48:48.944516+00	gate.evaluated	system	2	{"code": "min_reported", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "wait", "sentence": "0 of 2 devices reported", "application_label": "_other"}	\\xc0fb1e7d137a907e7b451cd3b55703803b7a3050828bfc382d5dacc2cca455d2	\\xeb47879dc3c696cb180a0c1c9ef7d00a214f28713316ebce6719c91e9db8d2bc
12	2026-11-27 00:48:48.944516+00	command.confirmed	system	1	{"key": "1:lab:publish:1", "kind": "rollout", "ring": "lab", "reason": "planned", "devices": 2, "connector": "simulated", "application_label": "_other"}	\\xeb47879dc3c696cb180a0c1c9ef7d00a214f28713316ebce6719c91e9db8d2bc	\\x77d39dc039059115b36f47e3fb458dd2d60bdccd7689cee8ff5cc9ef7ae5c226
13	2026-11-27 00:48:48.944516+00	command.confirmed	system	2	{"key": "2:lab:publish:1", "kind": "rollout", "ring": "lab", "reason": "planned", "devices": 2, "connector": "simulated", "application_label": "_other"}	\\x77d39dc039059115b36f47e3fb458dd2d60bdccd7689cee8ff5cc9ef7ae5c226	\\x04e8c690dee24668882a63e2890b0ec38d1f9c386e1715140b0d6a63db8ec796
14	2026-11-27 00:48:49.944516+00	reports.ingested	connector:simulated	1	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "lab", "count": 2, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}], "received": 2, "rejected": 0, "duplicate": 0}	\\x04e8c690dee24668882a63e2890b0ec38d1f9c386e1715140b0d6a63db8ec796	\\x3547a6ec114c0c0ece88a97154a2b007c57e9e3241b9397c52dfcdc657725cae
15	2026-11-27 00:48:49.944516+00	reports.ingested	connector:simulated	2	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "lab", "count": 2, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}], "received": 2, "rejected": 0, "duplicate": 0}	\\x3547a6ec114c0c0ece88a97154a2b007c57e9e3241b9397c52dfcdc657725cae	\\x311335951cbd1e5689cccba38dd33ebef68edf70ddd73e20dfb398590bf11139
16	2026-11-27 00:48:50.944516+00	reports.ingested	connector:simulated	1	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "lab", "count": 2, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 2, "rejected": 0, "duplicate": 0}	\\x311335951cbd1e5689cccba38dd33ebef68edf70ddd73e20dfb398590bf11139	\\xcce059118a62d90a602c310f3dacc4134171e5d1654752eb5f24f0c5e5d682a5
17	2026-11-27 00:48:50.944516+00	reports.ingested	connector:simulated	2	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "lab", "count": 2, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 2, "rejected": 0, "duplicate": 0}	\\xcce059118a62d90a602c310f3dacc4134171e5d1654752eb5f24f0c5e5d682a5	\\xcb7d3cad20c06230331851cd33263f2e29d1f87937cbcf059a21189743a4f26f
18	2026-11-27 00:48:50.944516+00	ring.soaking	system	1	{"kind": "rollout", "ring": "lab", "reason": "planned", "application_label": "_other"}	\\xcb7d3cad20c06230331851cd33263f2e29d1f87937cbcf059a21189743a4f26f	\\x0639f79b7ea885bd1d5777dccde584b7b87b9f8e78984bda95b17f1a009ecc28
19	2026-11-27 00:48:50.944516+00	validation.began	system	1	{"kind": "rollout", "ring": "lab", "verb": "withdraw", "reason": "planned", "device_id": 26, "application_label": "_other"}	\\x0639f79b7ea885bd1d5777dccde584b7b87b9f8e78984bda95b17f1a009ecc28	\\xbda86b8a9b91baa10520c8d96db1fa652ec083fe33868cc9e030528bf9d7ba97
20	2026-11-27 00:48:50.944516+00	gate.evaluated	system	1	{"code": "soak", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "wait", "sentence": "soaking for 1 s", "application_label": "_other"}	\\xbda86b8a9b91baa10520c8d96db1fa652ec083fe33868cc9e030528bf9d7ba97	\\x00686265691f99eda7138ba5a13c9db7aafb3b895f44a7eac79b80172e0bcd90
21	2026-11-27 00:48:50.944516+00	ring.soaking	system	2	{"kind": "rollout", "ring": "lab", "reason": "planned", "application_label": "_other"}	\\x00686265691f99eda7138ba5a13c9db7aafb3b895f44a7eac79b80172e0bcd90	\\xf748a41914b866d10f94214c5223e25ed1bbe586e0fdaa13fee9324c8fb9f820
22	2026-11-27 00:48:50.944516+00	validation.began	system	2	{"kind": "rollout", "ring": "lab", "verb": "withdraw", "reason": "planned", "device_id": 26, "application_label": "_other"}	\\xf748a41914b866d10f94214c5223e25ed1bbe586e0fdaa13fee9324c8fb9f820	\\x2ed7e17ea763ee8dc146b1ce0e3d6e8570c5c9d976ac6c07f8086a23f9082233
23	2026-11-27 00:48:50.944516+00	gate.evaluated	system	2	{"code": "soak", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "wait", "sentence": "soaking for 1 s", "application_label": "_other"}	\\x2ed7e17ea763ee8dc146b1ce0e3d6e8570c5c9d976ac6c07f8086a23f9082233	\\xb0cc07cadfd769c4991cef12e184d45b03381e3b62c11af89190b50b50eb31a2
24	2026-11-27 00:48:51.944516+00	gate.evaluated	system	1	{"code": "rollback_validation", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "wait", "sentence": "no device has been rolled back and installed again yet", "application_label": "_other"}	\\xb0cc07cadfd769c4991cef12e184d45b03381e3b62c11af89190b50b50eb31a2	\\x0569567916e57bc116fc439bc9f46347d8274397c32f8337b22c0ea0732c19a7
25	2026-11-27 00:48:51.944516+00	gate.evaluated	system	2	{"code": "rollback_validation", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "wait", "sentence": "no device has been rolled back and installed again yet", "application_label": "_other"}	\\x0569567916e57bc116fc439bc9f46347d8274397c32f8337b22c0ea0732c19a7	\\x853b986884817e67c7ab242d1d3e8239f0fecc069910bab3938fb0f727400882
26	2026-11-27 00:48:55.944516+00	validation.passed	connector:simulated	1	{"kind": "rollout", "ring": "lab", "reason": "planned", "device_id": 26, "application_label": "_other"}	\\x853b986884817e67c7ab242d1d3e8239f0fecc069910bab3938fb0f727400882	\\xb7b22ce36a03279c06b02041f1f8892c08cfc0423eba8673c911e44a243dfce4
27	2026-11-27 00:48:55.944516+00	validation.passed	connector:simulated	2	{"kind": "rollout", "ring": "lab", "reason": "planned", "device_id": 26, "application_label": "_other"}	\\xb7b22ce36a03279c06b02041f1f8892c08cfc0423eba8673c911e44a243dfce4	\\x2591c9bf0720a27c920b32b1d91d5a3fc6703c8686cae2bb278db95bc7b5847d
28	2026-11-27 00:48:55.944516+00	gate.evaluated	system	1	{"code": "passed", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "pass", "sentence": "2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%", "application_label": "_other"}	\\x2591c9bf0720a27c920b32b1d91d5a3fc6703c8686cae2bb278db95bc7b5847d	\\x7211e603e5162b55a6f7cba2a0cf7e0972ccf27749ae8fa83e84ceee3a540a79
29	2026-11-27 00:48:55.944516+00	ring.passed	system	1	{"kind": "rollout", "ring": "lab", "reason": "planned", "next_ring": "canary", "duration_ms": 2000, "application_label": "_other"}	\\x7211e603e5162b55a6f7cba2a0cf7e0972ccf27749ae8fa83e84ceee3a540a79	\\x7877528bd1660c5025ca01be3e7b426be681b1f1867f0e2fb9b8998e87154cdf
30	2026-11-27 00:48:55.944516+00	ring.skipped	system	1	{"kind": "rollout", "ring": "canary", "reason": "planned", "next_ring": "pilot", "duration_ms": null, "application_label": "_other"}	\\x7877528bd1660c5025ca01be3e7b426be681b1f1867f0e2fb9b8998e87154cdf	\\x2d3bfa61468ccb7de0f05348c10869ee26a393c01a26ffbf4446a088924bed10
31	2026-11-27 00:48:55.944516+00	ring.skipped	system	1	{"kind": "rollout", "ring": "pilot", "reason": "planned", "next_ring": "department", "duration_ms": null, "application_label": "_other"}	\\x2d3bfa61468ccb7de0f05348c10869ee26a393c01a26ffbf4446a088924bed10	\\x0df8f87e83ccbd41a8efd6f3be21c8eca561cf6d6fa3ee439d47c4ab8392ba95
32	2026-11-27 00:48:55.944516+00	ring.started	system	1	{"kind": "rollout", "ring": "department", "reason": "planned", "application_label": "_other"}	\\x0df8f87e83ccbd41a8efd6f3be21c8eca561cf6d6fa3ee439d47c4ab8392ba95	\\x8ee551cef5e1883f2bed4837e199498e692cb881757cd901c5732015a4d7fbea
33	2026-11-27 00:48:55.944516+00	gate.evaluated	system	1	{"code": "min_reported", "kind": "rollout", "ring": "department", "reason": "planned", "verdict": "wait", "sentence": "0 of 12 devices reported", "application_label": "_other"}	\\x8ee551cef5e1883f2bed4837e199498e692cb881757cd901c5732015a4d7fbea	\\xcc688a953b9e0ecd400eaa5a6c318b3735ee2cb2368f363e313b7fa9d5733eab
34	2026-11-27 00:48:55.944516+00	gate.evaluated	system	2	{"code": "passed", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "pass", "sentence": "2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%", "application_label": "_other"}	\\xcc688a953b9e0ecd400eaa5a6c318b3735ee2cb2368f363e313b7fa9d5733eab	\\xf0d27f9906ce2e30ba650c622fa00010f7fce6407bed11786ec0a2da9ccfa337
35	2026-11-27 00:48:55.944516+00	ring.passed	system	2	{"kind": "rollout", "ring": "lab", "reason": "planned", "next_ring": "canary", "duration_ms": 2000, "application_label": "_other"}	\\xf0d27f9906ce2e30ba650c622fa00010f7fce6407bed11786ec0a2da9ccfa337	\\x84cd383fdea6826a9b674ad4a5fd7326888ffec4d590983fc56e87b7fd89b0f2
36	2026-11-27 00:48:55.944516+00	ring.skipped	system	2	{"kind": "rollout", "ring": "canary", "reason": "planned", "next_ring": "pilot", "duration_ms": null, "application_label": "_other"}	\\x84cd383fdea6826a9b674ad4a5fd7326888ffec4d590983fc56e87b7fd89b0f2	\\xb6f2ab794cffd9f02a6f81b0272bffd43120ad93dda6a7a88202cfc5d752d1df
37	2026-11-27 00:48:55.944516+00	ring.skipped	system	2	{"kind": "rollout", "ring": "pilot", "reason": "planned", "next_ring": "department", "duration_ms": null, "application_label": "_other"}	\\xb6f2ab794cffd9f02a6f81b0272bffd43120ad93dda6a7a88202cfc5d752d1df	\\x7690ab613ccd5cc7bfc0b93dfce776c5fae2e2e3caed90793e15251f39055ee8
38	2026-11-27 00:48:55.944516+00	ring.started	system	2	{"kind": "rollout", "ring": "department", "reason": "planned", "application_label": "_other"}	\\x7690ab613ccd5cc7bfc0b93dfce776c5fae2e2e3caed90793e15251f39055ee8	\\xbdc5eac9501d2755db862df3871e739338a5caebaf71b3a4f76abcc1cdf5309d
39	2026-11-27 00:48:55.944516+00	gate.evaluated	system	2	{"code": "min_reported", "kind": "rollout", "ring": "department", "reason": "planned", "verdict": "wait", "sentence": "0 of 12 devices reported", "application_label": "_other"}	\\xbdc5eac9501d2755db862df3871e739338a5caebaf71b3a4f76abcc1cdf5309d	\\x17a02bd47c037be0e55eba2cae85b89079b33a86e5262e3c1fe07c41608a35e2
40	2026-11-27 00:48:55.944516+00	command.confirmed	system	1	{"key": "1:department:publish:1", "kind": "rollout", "ring": "department", "reason": "planned", "devices": 12, "connector": "simulated", "application_label": "_other"}	\\x17a02bd47c037be0e55eba2cae85b89079b33a86e5262e3c1fe07c41608a35e2	\\x264e28e00f87292ea7cc9ee1476b34ab0077005a625e83d59ec0a8ce14b9e165
41	2026-11-27 00:48:55.944516+00	command.confirmed	system	2	{"key": "2:department:publish:1", "kind": "rollout", "ring": "department", "reason": "planned", "devices": 12, "connector": "simulated", "application_label": "_other"}	\\x264e28e00f87292ea7cc9ee1476b34ab0077005a625e83d59ec0a8ce14b9e165	\\x24a28a374dd1ee1f023c9476819105f610d6d1c09df9369a9d56595c5b9e522c
42	2026-11-27 00:48:56.944516+00	reports.ingested	connector:simulated	1	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "department", "count": 7, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}], "received": 7, "rejected": 0, "duplicate": 0}	\\x24a28a374dd1ee1f023c9476819105f610d6d1c09df9369a9d56595c5b9e522c	\\x0fd21e3a78067d9898d29dd154c8111fa1cc09ac2adc3d469f92a8ed6f704205
43	2026-11-27 00:48:56.944516+00	reports.ingested	connector:simulated	2	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "department", "count": 7, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}], "received": 7, "rejected": 0, "duplicate": 0}	\\x0fd21e3a78067d9898d29dd154c8111fa1cc09ac2adc3d469f92a8ed6f704205	\\x2686029459a409092a70c15e7bfd29da893a205b4b77c5a700e9f5cef6de39dc
44	2026-11-27 00:48:57.944516+00	reports.ingested	connector:simulated	1	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "department", "count": 5, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}, {"kind": "rollout", "ring": "department", "count": 5, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 10, "rejected": 0, "duplicate": 0}	\\x2686029459a409092a70c15e7bfd29da893a205b4b77c5a700e9f5cef6de39dc	\\xb04d04b714f0adbb7dac47557e51293e711b7d8cfdb9aa1db653e8ed340ba5f7
45	2026-11-27 00:48:57.944516+00	reports.ingested	connector:simulated	2	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "department", "count": 5, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}, {"kind": "rollout", "ring": "department", "count": 5, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 10, "rejected": 0, "duplicate": 0}	\\xb04d04b714f0adbb7dac47557e51293e711b7d8cfdb9aa1db653e8ed340ba5f7	\\x5d9ce48d96983348162e7919abf67707ca117113f74a94e89d837e9caaef30aa
46	2026-11-27 00:48:58.944516+00	deployment.paused	tester	2	{"kind": "rollout", "reason": "a person looks at it", "application_label": "_other"}	\\x5d9ce48d96983348162e7919abf67707ca117113f74a94e89d837e9caaef30aa	\\xcef4ab87c9f63449fe2dfd69bc91ae04bc8933ed12076153a3d484ab1b46f08d
47	2026-11-27 00:48:58.944516+00	reports.ingested	connector:simulated	1	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "department", "count": 7, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 7, "rejected": 0, "duplicate": 0}	\\xcef4ab87c9f63449fe2dfd69bc91ae04bc8933ed12076153a3d484ab1b46f08d	\\x140e75b86d12eee0673be0447d1534f43fe90a80cb6c278565ac10cc5b03afe7
48	2026-11-27 00:48:58.944516+00	reports.ingested	connector:simulated	2	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "department", "count": 7, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 7, "rejected": 0, "duplicate": 0}	\\x140e75b86d12eee0673be0447d1534f43fe90a80cb6c278565ac10cc5b03afe7	\\xdb5f4b150486390731f6908da16a1616581fa67e7adb87e6d5bc7e470ffa4faf
49	2026-11-27 00:48:58.944516+00	ring.soaking	system	1	{"kind": "rollout", "ring": "department", "reason": "planned", "application_label": "_other"}	\\xdb5f4b150486390731f6908da16a1616581fa67e7adb87e6d5bc7e470ffa4faf	\\x24ca4350738a1d8988003dfbafdf48b20cb921edcdab66d9d3be194296f0c846
50	2026-11-27 00:48:58.944516+00	gate.evaluated	system	1	{"code": "soak", "kind": "rollout", "ring": "department", "reason": "planned", "verdict": "wait", "sentence": "soaking for 1 s", "application_label": "_other"}	\\x24ca4350738a1d8988003dfbafdf48b20cb921edcdab66d9d3be194296f0c846	\\xfdcc38a15b1b06c987620de0e1bb0f30073b14a9166c3819d1c6de6272d62d04
51	2026-11-27 00:48:58.944516+00	ring.soaking	system	2	{"kind": "rollout", "ring": "department", "reason": "a person looks at it", "application_label": "_other"}	\\xfdcc38a15b1b06c987620de0e1bb0f30073b14a9166c3819d1c6de6272d62d04	\\xe2bc6306a9ff7b99eadf7d913cdf72b8114b1cc714f1b95710df31648e5994c6
52	2026-11-27 00:48:58.944516+00	gate.evaluated	system	2	{"code": "soak", "kind": "rollout", "ring": "department", "reason": "a person looks at it", "verdict": "wait", "sentence": "soaking for 1 s", "application_label": "_other"}	\\xe2bc6306a9ff7b99eadf7d913cdf72b8114b1cc714f1b95710df31648e5994c6	\\xe5a37aaad66f8b105e62dc5c0c1bd7688099842eb3341d0d8723cf45de1d08de
53	2026-11-27 00:48:59.944516+00	gate.evaluated	system	1	{"code": "passed", "kind": "rollout", "ring": "department", "reason": "planned", "verdict": "pass", "sentence": "12 of 12 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 77.9%", "application_label": "_other"}	\\xe5a37aaad66f8b105e62dc5c0c1bd7688099842eb3341d0d8723cf45de1d08de	\\x287041eff3818716650b0d5e10907dd33037abe38f507b52e3098d87f13ca17d
54	2026-11-27 00:48:59.944516+00	ring.passed	system	1	{"kind": "rollout", "ring": "department", "reason": "planned", "next_ring": "global", "duration_ms": 3000, "application_label": "_other"}	\\x287041eff3818716650b0d5e10907dd33037abe38f507b52e3098d87f13ca17d	\\x841826b210e70ee9fd0920ed8247d91832e079b0fe22907ee3bfa702e03031bc
55	2026-11-27 00:48:59.944516+00	ring.started	system	1	{"kind": "rollout", "ring": "global", "reason": "planned", "application_label": "_other"}	\\x841826b210e70ee9fd0920ed8247d91832e079b0fe22907ee3bfa702e03031bc	\\x8bb403f62bb7c09226dc43aa8d1b9a63a3c00cdc1d4043c6b4f0bba4197a6a97
56	2026-11-27 00:48:59.944516+00	gate.evaluated	system	1	{"code": "min_reported", "kind": "rollout", "ring": "global", "reason": "planned", "verdict": "wait", "sentence": "0 of 36 devices reported", "application_label": "_other"}	\\x8bb403f62bb7c09226dc43aa8d1b9a63a3c00cdc1d4043c6b4f0bba4197a6a97	\\xc8a46397b1ac383e043d6c43e5edd0c65246ec166e7ab047d4cdf43b7fc211ca
57	2026-11-27 00:48:59.944516+00	gate.evaluated	system	2	{"code": "passed", "kind": "rollout", "ring": "department", "reason": "a person looks at it", "verdict": "pass", "sentence": "12 of 12 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 77.9%", "application_label": "_other"}	\\xc8a46397b1ac383e043d6c43e5edd0c65246ec166e7ab047d4cdf43b7fc211ca	\\x5ac090d510c5aa4ebb8f51849c3a64e9a68a06868fcd7609e95162db3ad7d220
58	2026-11-27 00:48:59.944516+00	command.confirmed	system	1	{"key": "1:global:publish:1", "kind": "rollout", "ring": "global", "reason": "planned", "devices": 36, "connector": "simulated", "application_label": "_other"}	\\x5ac090d510c5aa4ebb8f51849c3a64e9a68a06868fcd7609e95162db3ad7d220	\\xe75c04ca8d10d80d960abad113da7634f24c379435e651888d136e78bf4166b9
59	2026-11-27 00:49:00.944516+00	reports.ingested	connector:simulated	1	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "global", "count": 25, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}], "received": 25, "rejected": 0, "duplicate": 0}	\\xe75c04ca8d10d80d960abad113da7634f24c379435e651888d136e78bf4166b9	\\x56986222ba3e48a41c66b27a353041e81fd5b6632c9b663d663a59bee670aecc
60	2026-11-27 00:49:01.944516+00	reports.ingested	connector:simulated	1	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "global", "count": 11, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}, {"kind": "rollout", "ring": "global", "count": 16, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 27, "rejected": 0, "duplicate": 0}	\\x56986222ba3e48a41c66b27a353041e81fd5b6632c9b663d663a59bee670aecc	\\x88b10545c8cd230d26d6260bf9fd0b070e5454d51943749d1a5aec9734bfb918
\.
COPY public.freezes (id, kind, application, reason, starts_at, ends_at, windows, created_by, created_at, lift_requested_by, lift_requested_at, lift_reason, lifted_by, lifted_at) FROM stdin;
\.
COPY public.gate_evaluations (id, deployment_id, ring_id, at, policy_version, verdict, code, reason, inputs) FROM stdin;
1	1	1	2026-11-27 00:48:48.944516+00	3	wait	min_reported	0 of 2 devices reported	{"now": "2026-11-27T00:48:48.944516+00:00", "tally": {"failed": 0, "silent": 0, "pending": 2, "eligible": 2, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.95, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 5, "soak_seconds": 1, "error_ceiling": 0.1, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": true}, "findings": [], "incidents": [], "on_the_way": 2, "soaking_since": null, "rollback_validated": false}
2	2	6	2026-11-27 00:48:48.944516+00	3	wait	min_reported	0 of 2 devices reported	{"now": "2026-11-27T00:48:48.944516+00:00", "tally": {"failed": 0, "silent": 0, "pending": 2, "eligible": 2, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.95, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 5, "soak_seconds": 1, "error_ceiling": 0.1, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": true}, "findings": [], "incidents": [], "on_the_way": 2, "soaking_since": null, "rollback_validated": false}
3	1	1	2026-11-27 00:48:50.944516+00	3	wait	soak	soaking for 1 s	{"now": "2026-11-27T00:48:50.944516+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 2, "compliant": 2, "succeeded": 2, "dispatched": 2}, "policy": {"target": 0.95, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 5, "soak_seconds": 1, "error_ceiling": 0.1, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": true}, "findings": [], "incidents": [], "on_the_way": 1, "soaking_since": "2026-11-27T00:48:50.944516+00:00", "rollback_validated": false}
4	2	6	2026-11-27 00:48:50.944516+00	3	wait	soak	soaking for 1 s	{"now": "2026-11-27T00:48:50.944516+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 2, "compliant": 2, "succeeded": 2, "dispatched": 2}, "policy": {"target": 0.95, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 5, "soak_seconds": 1, "error_ceiling": 0.1, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": true}, "findings": [], "incidents": [], "on_the_way": 1, "soaking_since": "2026-11-27T00:48:50.944516+00:00", "rollback_validated": false}
5	1	1	2026-11-27 00:48:51.944516+00	3	wait	rollback_validation	no device has been rolled back and installed again yet	{"now": "2026-11-27T00:48:51.944516+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 2, "compliant": 2, "succeeded": 2, "dispatched": 2}, "policy": {"target": 0.95, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 5, "soak_seconds": 1, "error_ceiling": 0.1, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": true}, "findings": [], "incidents": [], "on_the_way": 0, "soaking_since": "2026-11-27T00:48:50.944516+00:00", "rollback_validated": false}
6	2	6	2026-11-27 00:48:51.944516+00	3	wait	rollback_validation	no device has been rolled back and installed again yet	{"now": "2026-11-27T00:48:51.944516+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 2, "compliant": 2, "succeeded": 2, "dispatched": 2}, "policy": {"target": 0.95, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 5, "soak_seconds": 1, "error_ceiling": 0.1, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": true}, "findings": [], "incidents": [], "on_the_way": 0, "soaking_since": "2026-11-27T00:48:50.944516+00:00", "rollback_validated": false}
7	1	1	2026-11-27 00:48:55.944516+00	3	pass	passed	2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%	{"now": "2026-11-27T00:48:55.944516+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 2, "compliant": 2, "succeeded": 2, "dispatched": 2}, "policy": {"target": 0.95, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 5, "soak_seconds": 1, "error_ceiling": 0.1, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": true}, "findings": [], "incidents": [], "on_the_way": 0, "soaking_since": "2026-11-27T00:48:50.944516+00:00", "rollback_validated": true}
8	1	4	2026-11-27 00:48:55.944516+00	3	wait	min_reported	0 of 12 devices reported	{"now": "2026-11-27T00:48:55.944516+00:00", "tally": {"failed": 0, "silent": 0, "pending": 12, "eligible": 12, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.99, "on_fail": "pause", "analyses": [], "min_coverage": 0.8, "min_reported": 500, "soak_seconds": 1, "error_ceiling": 0.02, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 12, "soaking_since": null, "rollback_validated": false}
9	2	6	2026-11-27 00:48:55.944516+00	3	pass	passed	2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%	{"now": "2026-11-27T00:48:55.944516+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 2, "compliant": 2, "succeeded": 2, "dispatched": 2}, "policy": {"target": 0.95, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 5, "soak_seconds": 1, "error_ceiling": 0.1, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": true}, "findings": [], "incidents": [], "on_the_way": 0, "soaking_since": "2026-11-27T00:48:50.944516+00:00", "rollback_validated": true}
10	2	9	2026-11-27 00:48:55.944516+00	3	wait	min_reported	0 of 12 devices reported	{"now": "2026-11-27T00:48:55.944516+00:00", "tally": {"failed": 0, "silent": 0, "pending": 12, "eligible": 12, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.99, "on_fail": "pause", "analyses": [], "min_coverage": 0.8, "min_reported": 500, "soak_seconds": 1, "error_ceiling": 0.02, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 12, "soaking_since": null, "rollback_validated": false}
11	1	4	2026-11-27 00:48:58.944516+00	3	wait	soak	soaking for 1 s	{"now": "2026-11-27T00:48:58.944516+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 12, "compliant": 12, "succeeded": 12, "dispatched": 12}, "policy": {"target": 0.99, "on_fail": "pause", "analyses": [], "min_coverage": 0.8, "min_reported": 500, "soak_seconds": 1, "error_ceiling": 0.02, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soaking_since": "2026-11-27T00:48:58.944516+00:00", "rollback_validated": false}
12	2	9	2026-11-27 00:48:58.944516+00	3	wait	soak	soaking for 1 s	{"now": "2026-11-27T00:48:58.944516+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 12, "compliant": 12, "succeeded": 12, "dispatched": 12}, "policy": {"target": 0.99, "on_fail": "pause", "analyses": [], "min_coverage": 0.8, "min_reported": 500, "soak_seconds": 1, "error_ceiling": 0.02, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soaking_since": "2026-11-27T00:48:58.944516+00:00", "rollback_validated": false}
13	1	4	2026-11-27 00:48:59.944516+00	3	pass	passed	12 of 12 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 77.9%	{"now": "2026-11-27T00:48:59.944516+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 12, "compliant": 12, "succeeded": 12, "dispatched": 12}, "policy": {"target": 0.99, "on_fail": "pause", "analyses": [], "min_coverage": 0.8, "min_reported": 500, "soak_seconds": 1, "error_ceiling": 0.02, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soaking_since": "2026-11-27T00:48:58.944516+00:00", "rollback_validated": false}
14	1	5	2026-11-27 00:48:59.944516+00	3	wait	min_reported	0 of 36 devices reported	{"now": "2026-11-27T00:48:59.944516+00:00", "tally": {"failed": 0, "silent": 0, "pending": 36, "eligible": 36, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.99, "on_fail": "pause", "analyses": [], "min_coverage": 0.8, "min_reported": 500, "soak_seconds": 1, "error_ceiling": 0.02, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 36, "soaking_since": null, "rollback_validated": false}
15	2	9	2026-11-27 00:48:59.944516+00	3	pass	passed	12 of 12 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 77.9%	{"now": "2026-11-27T00:48:59.944516+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 12, "compliant": 12, "succeeded": 12, "dispatched": 12}, "policy": {"target": 0.99, "on_fail": "pause", "analyses": [], "min_coverage": 0.8, "min_reported": 500, "soak_seconds": 1, "error_ceiling": 0.02, "incident_limit": "P2", "compliant_within": {"online": 60, "air_gapped": 60, "intermittent": 60}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soaking_since": "2026-11-27T00:48:58.944516+00:00", "rollback_validated": false}
\.
COPY public.idempotency_keys (token_id, key, request_hash, created_at, status, headers, body) FROM stdin;
1	the-first-one	\\x2a2ab587574a1b70a1568f47fee56259f732c179879d6a144d0bbad2d032f42b	2026-11-27 00:48:48.944516+00	201	{"ETag": "\\"1\\"", "Location": "/api/v1/deployments/1", "Content-Type": "application/json"}	\\x7b226964223a312c226170706c69636174696f6e223a2276706e222c2272656c65617365223a22312e30222c22706c6174666f726d223a2277696e646f7773222c2261727469666163745f68617368223a227368613235363a61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161222c22706c616e223a2264656d6f222c22706c616e5f76657273696f6e223a312c2273636f7065223a7b2274616773223a5b5d2c22736974655f636c6173736573223a5b5d2c22627573696e6573735f756e697473223a5b5d7d2c226b696e64223a22726f6c6c6f7574222c22726f6c6c735f6261636b223a6e756c6c2c2273757065727365646573223a6e756c6c2c227374617465223a22706c616e6e696e67222c22726561736f6e223a22726571756573746564222c2276657273696f6e223a312c227265717565737465645f6279223a22746573746572222c22637265617465645f6174223a22323032362d31312d32375430303a34383a34382e3934345a222c22737461727465645f6174223a6e756c6c2c2266696e69736865645f6174223a6e756c6c2c22686f6c6473223a5b5d2c2272696e6773223a5b7b226e616d65223a226c6162222c226b6579223a226c6162222c227374617465223a2270656e64696e67222c227461726765746564223a302c226578636c75646564223a302c22656c696769626c65223a302c22737563636565646564223a302c226661696c6564223a302c2273696c656e74223a302c2270656e64696e67223a302c2264697370617463686564223a302c22636f6d706c69616e74223a302c2276616c69646174696f6e223a6e756c6c2c2276657264696374223a6e756c6c2c22766572646963745f636f6465223a6e756c6c2c22766572646963745f726561736f6e223a6e756c6c2c22646973706174636865645f6174223a6e756c6c2c22636f76657265645f6174223a6e756c6c2c2266696e69736865645f6174223a6e756c6c2c22737563636573735f72617465223a6e756c6c2c22636f766572616765223a6e756c6c7d2c7b226e616d65223a2263616e617279222c226b6579223a2263616e617279222c227374617465223a2270656e64696e67222c227461726765746564223a302c226578636c75646564223a302c22656c696769626c65223a302c22737563636565646564223a302c226661696c6564223a302c2273696c656e74223a302c2270656e64696e67223a302c2264697370617463686564223a302c22636f6d706c69616e74223a302c2276616c69646174696f6e223a6e756c6c2c2276657264696374223a6e756c6c2c22766572646963745f636f6465223a6e756c6c2c22766572646963745f726561736f6e223a6e756c6c2c22646973706174636865645f6174223a6e756c6c2c22636f76657265645f6174223a6e756c6c2c2266696e69736865645f6174223a6e756c6c2c22737563636573735f72617465223a6e756c6c2c22636f766572616765223a6e756c6c7d2c7b226e616d65223a2270696c6f74222c226b6579223a2270696c6f74222c227374617465223a2270656e64696e67222c227461726765746564223a302c226578636c75646564223a302c22656c696769626c65223a302c22737563636565646564223a302c226661696c6564223a302c2273696c656e74223a302c2270656e64696e67223a302c2264697370617463686564223a302c22636f6d706c69616e74223a302c2276616c69646174696f6e223a6e756c6c2c2276657264696374223a6e756c6c2c22766572646963745f636f6465223a6e756c6c2c22766572646963745f726561736f6e223a6e756c6c2c22646973706174636865645f6174223a6e756c6c2c22636f76657265645f6174223a6e756c6c2c2266696e69736865645f6174223a6e756c6c2c22737563636573735f72617465223a6e756c6c2c22636f766572616765223a6e756c6c7d2c7b226e616d65223a226465706172746d656e74222c226b6579223a226465706172746d656e74222c227374617465223a2270656e64696e67222c227461726765746564223a302c226578636c75646564223a302c22656c696769626c65223a302c22737563636565646564223a302c226661696c6564223a302c2273696c656e74223a302c2270656e64696e67223a302c2264697370617463686564223a302c22636f6d706c69616e74223a302c2276616c69646174696f6e223a6e756c6c2c2276657264696374223a6e756c6c2c22766572646963745f636f6465223a6e756c6c2c22766572646963745f726561736f6e223a6e756c6c2c22646973706174636865645f6174223a6e756c6c2c22636f76657265645f6174223a6e756c6c2c2266696e69736865645f6174223a6e756c6c2c22737563636573735f72617465223a6e756c6c2c22636f766572616765223a6e756c6c7d2c7b226e616d65223a22676c6f62616c222c226b6579223a22676c6f62616c222c227374617465223a2270656e64696e67222c227461726765746564223a302c226578636c75646564223a302c22656c696769626c65223a302c22737563636565646564223a302c226661696c6564223a302c2273696c656e74223a302c2270656e64696e67223a302c2264697370617463686564223a302c22636f6d706c69616e74223a302c2276616c69646174696f6e223a6e756c6c2c2276657264696374223a6e756c6c2c22766572646963745f636f6465223a6e756c6c2c22766572646963745f726561736f6e223a6e756c6c2c22646973706174636865645f6174223a6e756c6c2c22636f76657265645f6174223a6e756c6c2c2266696e69736865645f6174223a6e756c6c2c22737563636573735f72617465223a6e756c6c2c22636f766572616765223a6e756c6c7d5d7d0a
\.
COPY public.incidents (id, deployment_id, severity, title, opened_by, opened_at, closed_by, closed_at, resolution) FROM stdin;
\.
COPY public.installations (device_id, application_id, release_id, deployment_id, at) FROM stdin;
\.
COPY public.measurements (id, deployment_id, ring_id, analysis, at, phase, value, detail, points) FROM stdin;
\.
COPY public.releases (id, application_id, version, platform, artifact_hash) FROM stdin;
1	1	1.0	windows	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
2	2	1.0	windows	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
\.
COPY public.reports (id, source, external_id, sequence, assignment_id, outcome, reason, occurred_at, received_at) FROM stdin;
1	simulated	dev-00000	11	40	installing	downloaded	2026-11-27 00:48:49.638572+00	2026-11-27 00:48:49.944516+00
2	simulated	dev-00025	11	23	installing	downloaded	2026-11-27 00:48:49.537163+00	2026-11-27 00:48:49.944516+00
3	simulated	dev-00000	21	90	installing	downloaded	2026-11-27 00:48:49.638572+00	2026-11-27 00:48:49.944516+00
4	simulated	dev-00025	21	73	installing	downloaded	2026-11-27 00:48:49.537163+00	2026-11-27 00:48:49.944516+00
5	simulated	dev-00000	12	40	succeeded	installed	2026-11-27 00:48:50.679655+00	2026-11-27 00:48:50.944516+00
6	simulated	dev-00025	12	23	succeeded	installed	2026-11-27 00:48:50.426134+00	2026-11-27 00:48:50.944516+00
7	simulated	dev-00000	22	90	succeeded	installed	2026-11-27 00:48:50.679655+00	2026-11-27 00:48:50.944516+00
8	simulated	dev-00025	22	73	succeeded	installed	2026-11-27 00:48:50.426134+00	2026-11-27 00:48:50.944516+00
9	simulated	dev-00011	71	1	installing	downloaded	2026-11-27 00:48:56.714623+00	2026-11-27 00:48:56.944516+00
10	simulated	dev-00029	71	8	installing	downloaded	2026-11-27 00:48:56.347904+00	2026-11-27 00:48:56.944516+00
11	simulated	dev-00031	71	12	installing	downloaded	2026-11-27 00:48:56.639408+00	2026-11-27 00:48:56.944516+00
12	simulated	dev-00036	71	6	installing	downloaded	2026-11-27 00:48:56.770825+00	2026-11-27 00:48:56.944516+00
13	simulated	dev-00039	71	4	installing	downloaded	2026-11-27 00:48:56.789542+00	2026-11-27 00:48:56.944516+00
14	simulated	dev-00042	71	9	installing	downloaded	2026-11-27 00:48:56.492573+00	2026-11-27 00:48:56.944516+00
15	simulated	dev-00043	71	2	installing	downloaded	2026-11-27 00:48:56.556819+00	2026-11-27 00:48:56.944516+00
16	simulated	dev-00011	81	51	installing	downloaded	2026-11-27 00:48:56.714623+00	2026-11-27 00:48:56.944516+00
17	simulated	dev-00029	81	58	installing	downloaded	2026-11-27 00:48:56.347904+00	2026-11-27 00:48:56.944516+00
18	simulated	dev-00031	81	62	installing	downloaded	2026-11-27 00:48:56.639408+00	2026-11-27 00:48:56.944516+00
19	simulated	dev-00036	81	56	installing	downloaded	2026-11-27 00:48:56.770825+00	2026-11-27 00:48:56.944516+00
20	simulated	dev-00039	81	54	installing	downloaded	2026-11-27 00:48:56.789542+00	2026-11-27 00:48:56.944516+00
21	simulated	dev-00042	81	59	installing	downloaded	2026-11-27 00:48:56.492573+00	2026-11-27 00:48:56.944516+00
22	simulated	dev-00043	81	52	installing	downloaded	2026-11-27 00:48:56.556819+00	2026-11-27 00:48:56.944516+00
23	simulated	dev-00011	72	1	succeeded	installed	2026-11-27 00:48:57.869784+00	2026-11-27 00:48:57.944516+00
24	simulated	dev-00012	71	10	installing	downloaded	2026-11-27 00:48:56.954987+00	2026-11-27 00:48:57.944516+00
25	simulated	dev-00016	71	3	installing	downloaded	2026-11-27 00:48:57.128314+00	2026-11-27 00:48:57.944516+00
26	simulated	dev-00021	71	11	installing	downloaded	2026-11-27 00:48:56.953822+00	2026-11-27 00:48:57.944516+00
27	simulated	dev-00029	72	8	succeeded	installed	2026-11-27 00:48:56.952986+00	2026-11-27 00:48:57.944516+00
28	simulated	dev-00031	72	12	succeeded	installed	2026-11-27 00:48:57.681747+00	2026-11-27 00:48:57.944516+00
29	simulated	dev-00035	71	5	installing	downloaded	2026-11-27 00:48:56.992537+00	2026-11-27 00:48:57.944516+00
30	simulated	dev-00042	72	9	succeeded	installed	2026-11-27 00:48:57.314657+00	2026-11-27 00:48:57.944516+00
31	simulated	dev-00043	72	2	succeeded	installed	2026-11-27 00:48:57.475274+00	2026-11-27 00:48:57.944516+00
32	simulated	dev-00048	71	7	installing	downloaded	2026-11-27 00:48:57.128918+00	2026-11-27 00:48:57.944516+00
33	simulated	dev-00011	82	51	succeeded	installed	2026-11-27 00:48:57.869784+00	2026-11-27 00:48:57.944516+00
34	simulated	dev-00012	81	60	installing	downloaded	2026-11-27 00:48:56.954987+00	2026-11-27 00:48:57.944516+00
35	simulated	dev-00016	81	53	installing	downloaded	2026-11-27 00:48:57.128314+00	2026-11-27 00:48:57.944516+00
36	simulated	dev-00021	81	61	installing	downloaded	2026-11-27 00:48:56.953822+00	2026-11-27 00:48:57.944516+00
37	simulated	dev-00029	82	58	succeeded	installed	2026-11-27 00:48:56.952986+00	2026-11-27 00:48:57.944516+00
38	simulated	dev-00031	82	62	succeeded	installed	2026-11-27 00:48:57.681747+00	2026-11-27 00:48:57.944516+00
39	simulated	dev-00035	81	55	installing	downloaded	2026-11-27 00:48:56.992537+00	2026-11-27 00:48:57.944516+00
40	simulated	dev-00042	82	59	succeeded	installed	2026-11-27 00:48:57.314657+00	2026-11-27 00:48:57.944516+00
41	simulated	dev-00043	82	52	succeeded	installed	2026-11-27 00:48:57.475274+00	2026-11-27 00:48:57.944516+00
42	simulated	dev-00048	81	57	installing	downloaded	2026-11-27 00:48:57.128918+00	2026-11-27 00:48:57.944516+00
43	simulated	dev-00012	72	10	succeeded	installed	2026-11-27 00:48:58.470693+00	2026-11-27 00:48:58.944516+00
44	simulated	dev-00016	72	3	succeeded	installed	2026-11-27 00:48:58.904012+00	2026-11-27 00:48:58.944516+00
45	simulated	dev-00021	72	11	succeeded	installed	2026-11-27 00:48:58.467782+00	2026-11-27 00:48:58.944516+00
46	simulated	dev-00035	72	5	succeeded	installed	2026-11-27 00:48:58.564569+00	2026-11-27 00:48:58.944516+00
47	simulated	dev-00036	72	6	succeeded	installed	2026-11-27 00:48:58.010289+00	2026-11-27 00:48:58.944516+00
48	simulated	dev-00039	72	4	succeeded	installed	2026-11-27 00:48:58.057081+00	2026-11-27 00:48:58.944516+00
49	simulated	dev-00048	72	7	succeeded	installed	2026-11-27 00:48:58.905521+00	2026-11-27 00:48:58.944516+00
50	simulated	dev-00012	82	60	succeeded	installed	2026-11-27 00:48:58.470693+00	2026-11-27 00:48:58.944516+00
51	simulated	dev-00016	82	53	succeeded	installed	2026-11-27 00:48:58.904012+00	2026-11-27 00:48:58.944516+00
52	simulated	dev-00021	82	61	succeeded	installed	2026-11-27 00:48:58.467782+00	2026-11-27 00:48:58.944516+00
53	simulated	dev-00035	82	55	succeeded	installed	2026-11-27 00:48:58.564569+00	2026-11-27 00:48:58.944516+00
54	simulated	dev-00036	82	56	succeeded	installed	2026-11-27 00:48:58.010289+00	2026-11-27 00:48:58.944516+00
55	simulated	dev-00039	82	54	succeeded	installed	2026-11-27 00:48:58.057081+00	2026-11-27 00:48:58.944516+00
56	simulated	dev-00048	82	57	succeeded	installed	2026-11-27 00:48:58.905521+00	2026-11-27 00:48:58.944516+00
57	simulated	dev-00001	91	44	installing	downloaded	2026-11-27 00:49:00.692232+00	2026-11-27 00:49:00.944516+00
58	simulated	dev-00003	91	28	installing	downloaded	2026-11-27 00:49:00.546283+00	2026-11-27 00:49:00.944516+00
59	simulated	dev-00004	91	24	installing	downloaded	2026-11-27 00:49:00.897211+00	2026-11-27 00:49:00.944516+00
60	simulated	dev-00005	91	38	installing	downloaded	2026-11-27 00:49:00.496419+00	2026-11-27 00:49:00.944516+00
61	simulated	dev-00008	91	25	installing	downloaded	2026-11-27 00:49:00.442747+00	2026-11-27 00:49:00.944516+00
62	simulated	dev-00009	91	33	installing	downloaded	2026-11-27 00:49:00.540567+00	2026-11-27 00:49:00.944516+00
63	simulated	dev-00010	91	21	installing	downloaded	2026-11-27 00:49:00.664953+00	2026-11-27 00:49:00.944516+00
64	simulated	dev-00013	91	46	installing	downloaded	2026-11-27 00:49:00.688719+00	2026-11-27 00:49:00.944516+00
65	simulated	dev-00014	91	30	installing	downloaded	2026-11-27 00:49:00.828887+00	2026-11-27 00:49:00.944516+00
66	simulated	dev-00015	91	22	installing	downloaded	2026-11-27 00:49:00.611893+00	2026-11-27 00:49:00.944516+00
67	simulated	dev-00018	91	29	installing	downloaded	2026-11-27 00:49:00.798499+00	2026-11-27 00:49:00.944516+00
68	simulated	dev-00019	91	34	installing	downloaded	2026-11-27 00:49:00.606463+00	2026-11-27 00:49:00.944516+00
69	simulated	dev-00020	91	36	installing	downloaded	2026-11-27 00:49:00.650116+00	2026-11-27 00:49:00.944516+00
70	simulated	dev-00022	91	41	installing	downloaded	2026-11-27 00:49:00.836238+00	2026-11-27 00:49:00.944516+00
71	simulated	dev-00024	91	27	installing	downloaded	2026-11-27 00:49:00.576038+00	2026-11-27 00:49:00.944516+00
72	simulated	dev-00028	91	42	installing	downloaded	2026-11-27 00:49:00.686988+00	2026-11-27 00:49:00.944516+00
73	simulated	dev-00030	91	16	installing	downloaded	2026-11-27 00:49:00.510556+00	2026-11-27 00:49:00.944516+00
74	simulated	dev-00032	91	39	installing	downloaded	2026-11-27 00:49:00.478256+00	2026-11-27 00:49:00.944516+00
75	simulated	dev-00033	91	48	installing	downloaded	2026-11-27 00:49:00.71175+00	2026-11-27 00:49:00.944516+00
76	simulated	dev-00037	91	26	installing	downloaded	2026-11-27 00:49:00.804517+00	2026-11-27 00:49:00.944516+00
77	simulated	dev-00038	91	49	installing	downloaded	2026-11-27 00:49:00.637402+00	2026-11-27 00:49:00.944516+00
78	simulated	dev-00040	91	13	installing	downloaded	2026-11-27 00:49:00.851906+00	2026-11-27 00:49:00.944516+00
79	simulated	dev-00044	91	47	installing	downloaded	2026-11-27 00:49:00.824416+00	2026-11-27 00:49:00.944516+00
80	simulated	dev-00046	91	20	installing	downloaded	2026-11-27 00:49:00.817917+00	2026-11-27 00:49:00.944516+00
81	simulated	dev-00047	91	43	installing	downloaded	2026-11-27 00:49:00.811119+00	2026-11-27 00:49:00.944516+00
82	simulated	dev-00001	92	44	succeeded	installed	2026-11-27 00:49:01.813806+00	2026-11-27 00:49:01.944516+00
83	simulated	dev-00002	91	17	installing	downloaded	2026-11-27 00:49:01.143898+00	2026-11-27 00:49:01.944516+00
84	simulated	dev-00003	92	28	succeeded	installed	2026-11-27 00:49:01.448935+00	2026-11-27 00:49:01.944516+00
85	simulated	dev-00005	92	38	succeeded	installed	2026-11-27 00:49:01.324275+00	2026-11-27 00:49:01.944516+00
86	simulated	dev-00006	91	19	installing	downloaded	2026-11-27 00:49:01.027872+00	2026-11-27 00:49:01.944516+00
87	simulated	dev-00007	91	18	installing	downloaded	2026-11-27 00:49:00.96547+00	2026-11-27 00:49:01.944516+00
88	simulated	dev-00008	92	25	succeeded	installed	2026-11-27 00:49:01.190094+00	2026-11-27 00:49:01.944516+00
89	simulated	dev-00009	92	33	succeeded	installed	2026-11-27 00:49:01.434644+00	2026-11-27 00:49:01.944516+00
90	simulated	dev-00010	92	21	succeeded	installed	2026-11-27 00:49:01.745609+00	2026-11-27 00:49:01.944516+00
91	simulated	dev-00013	92	46	succeeded	installed	2026-11-27 00:49:01.805023+00	2026-11-27 00:49:01.944516+00
92	simulated	dev-00015	92	22	succeeded	installed	2026-11-27 00:49:01.612958+00	2026-11-27 00:49:01.944516+00
93	simulated	dev-00017	91	35	installing	downloaded	2026-11-27 00:49:01.078062+00	2026-11-27 00:49:01.944516+00
94	simulated	dev-00019	92	34	succeeded	installed	2026-11-27 00:49:01.599385+00	2026-11-27 00:49:01.944516+00
95	simulated	dev-00020	92	36	succeeded	installed	2026-11-27 00:49:01.708515+00	2026-11-27 00:49:01.944516+00
96	simulated	dev-00023	91	32	installing	downloaded	2026-11-27 00:49:01.037465+00	2026-11-27 00:49:01.944516+00
97	simulated	dev-00024	92	27	succeeded	installed	2026-11-27 00:49:01.52332+00	2026-11-27 00:49:01.944516+00
98	simulated	dev-00026	91	45	installing	downloaded	2026-11-27 00:49:00.984955+00	2026-11-27 00:49:01.944516+00
99	simulated	dev-00027	91	37	installing	downloaded	2026-11-27 00:49:01.007049+00	2026-11-27 00:49:01.944516+00
100	simulated	dev-00028	92	42	succeeded	installed	2026-11-27 00:49:01.800695+00	2026-11-27 00:49:01.944516+00
101	simulated	dev-00030	92	16	succeeded	installed	2026-11-27 00:49:01.359615+00	2026-11-27 00:49:01.944516+00
102	simulated	dev-00032	92	39	succeeded	installed	2026-11-27 00:49:01.278867+00	2026-11-27 00:49:01.944516+00
103	simulated	dev-00033	92	48	succeeded	installed	2026-11-27 00:49:01.862601+00	2026-11-27 00:49:01.944516+00
104	simulated	dev-00034	91	15	installing	downloaded	2026-11-27 00:49:00.949931+00	2026-11-27 00:49:01.944516+00
105	simulated	dev-00038	92	49	succeeded	installed	2026-11-27 00:49:01.676731+00	2026-11-27 00:49:01.944516+00
106	simulated	dev-00041	91	50	installing	downloaded	2026-11-27 00:49:01.097277+00	2026-11-27 00:49:01.944516+00
107	simulated	dev-00045	91	14	installing	downloaded	2026-11-27 00:49:01.013641+00	2026-11-27 00:49:01.944516+00
108	simulated	dev-00049	91	31	installing	downloaded	2026-11-27 00:49:01.120726+00	2026-11-27 00:49:01.944516+00
\.
COPY public.ring_plans (id, name, version, plan, created_by, created_at) FROM stdin;
\.
COPY public.rings (id, deployment_id, "position", name, key, state, targeted, excluded, eligible, succeeded, failed, silent, pending, dispatched, waiting, sending, commands, verdict, verdict_code, verdict_reason, waiting_since, dispatched_at, covered_at, finished_at, held_ms, compliant, validation, validation_tries) FROM stdin;
5	1	4	global	global	deploying	36	0	36	16	0	0	20	36	{}	0	1	wait	min_reported	16 of 36 devices reported	2026-11-27 00:48:59.944516+00	2026-11-27 00:48:59.944516+00	\N	\N	0	16	\N	0
10	2	4	global	global	pending	36	0	36	0	0	0	36	0	{"simulated": 36}	0	0	\N	\N	\N	\N	\N	\N	\N	0	0	\N	0
1	1	0	lab	lab	passed	2	0	2	2	0	0	0	2	{}	0	1	pass	passed	2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%	2026-11-27 00:48:48.944516+00	2026-11-27 00:48:48.944516+00	2026-11-27 00:48:50.944516+00	2026-11-27 00:48:55.944516+00	0	2	validated	1
2	1	1	canary	canary	skipped	0	0	0	0	0	0	0	0	{}	0	0	\N	\N	\N	\N	\N	\N	2026-11-27 00:48:55.944516+00	0	0	\N	0
3	1	2	pilot	pilot	skipped	0	0	0	0	0	0	0	0	{}	0	0	\N	\N	\N	\N	\N	\N	2026-11-27 00:48:55.944516+00	0	0	\N	0
6	2	0	lab	lab	passed	2	0	2	2	0	0	0	2	{}	0	1	pass	passed	2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%	2026-11-27 00:48:48.944516+00	2026-11-27 00:48:48.944516+00	2026-11-27 00:48:50.944516+00	2026-11-27 00:48:55.944516+00	0	2	validated	1
7	2	1	canary	canary	skipped	0	0	0	0	0	0	0	0	{}	0	0	\N	\N	\N	\N	\N	\N	2026-11-27 00:48:55.944516+00	0	0	\N	0
8	2	2	pilot	pilot	skipped	0	0	0	0	0	0	0	0	{}	0	0	\N	\N	\N	\N	\N	\N	2026-11-27 00:48:55.944516+00	0	0	\N	0
4	1	3	department	department	passed	12	0	12	12	0	0	0	12	{}	0	1	pass	passed	12 of 12 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 77.9%	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:58.944516+00	2026-11-27 00:48:59.944516+00	0	12	\N	0
9	2	3	department	department	soaking	12	0	12	12	0	0	0	12	{}	0	1	pass	passed	12 of 12 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 77.9%	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:55.944516+00	2026-11-27 00:48:58.944516+00	\N	0	12	\N	0
\.
COPY public.risk_assessments (id, deployment_id, at, policy_version, score, factors, contributions, devices, blast_class, needs_approval) FROM stdin;
1	1	2026-11-27 00:48:48.944516+00	1	16	{"history": 0.5, "privilege": 0.1, "data_access": 0.1, "blast_radius": 0.3, "supply_chain": 0.1, "exploitability": 0.1, "vulnerabilities": 0.1, "operational_complexity": 0.1}	{"history": 5.0, "privilege": 2.0, "data_access": 1.0, "blast_radius": 3.0, "supply_chain": 1.5, "exploitability": 1.0, "vulnerabilities": 1.5, "operational_complexity": 1.0}	50	under_100	f
2	2	2026-11-27 00:48:48.944516+00	1	16	{"history": 0.5, "privilege": 0.1, "data_access": 0.1, "blast_radius": 0.3, "supply_chain": 0.1, "exploitability": 0.1, "vulnerabilities": 0.1, "operational_complexity": 0.1}	{"history": 5.0, "privilege": 2.0, "data_access": 1.0, "blast_radius": 3.0, "supply_chain": 1.5, "exploitability": 1.0, "vulnerabilities": 1.5, "operational_complexity": 1.0}	50	under_100	f
\.
COPY public.simulated_publications (id, key, ring, artifact_hash, published_at, devices, verb, application, version, platform) FROM stdin;
1	1:lab:publish:1	lab	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-27 00:48:48.944516+00	{dev-00025,dev-00000}	publish	vpn	1.0	windows
2	2:lab:publish:1	lab	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-27 00:48:48.944516+00	{dev-00025,dev-00000}	publish	editor	1.0	windows
3	1:lab:withdrawing:1	lab	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-27 00:48:50.944516+00	{dev-00025}	withdraw	vpn	1.0	windows
4	2:lab:withdrawing:1	lab	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-27 00:48:50.944516+00	{dev-00025}	withdraw	editor	1.0	windows
5	1:lab:reinstalling:1	lab	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-27 00:48:53.944516+00	{dev-00025}	publish	vpn	1.0	windows
6	2:lab:reinstalling:1	lab	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-27 00:48:53.944516+00	{dev-00025}	publish	editor	1.0	windows
7	1:department:publish:1	department	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-27 00:48:55.944516+00	{dev-00011,dev-00043,dev-00016,dev-00039,dev-00035,dev-00036,dev-00048,dev-00029,dev-00042,dev-00012,dev-00021,dev-00031}	publish	vpn	1.0	windows
8	2:department:publish:1	department	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-27 00:48:55.944516+00	{dev-00011,dev-00043,dev-00016,dev-00039,dev-00035,dev-00036,dev-00048,dev-00029,dev-00042,dev-00012,dev-00021,dev-00031}	publish	editor	1.0	windows
9	1:global:publish:1	global	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-27 00:48:59.944516+00	{dev-00040,dev-00045,dev-00034,dev-00030,dev-00002,dev-00007,dev-00006,dev-00046,dev-00010,dev-00015,dev-00004,dev-00008,dev-00037,dev-00024,dev-00003,dev-00018,dev-00014,dev-00049,dev-00023,dev-00009,dev-00019,dev-00017,dev-00020,dev-00027,dev-00005,dev-00032,dev-00022,dev-00028,dev-00047,dev-00001,dev-00026,dev-00013,dev-00044,dev-00033,dev-00038,dev-00041}	publish	vpn	1.0	windows
\.
COPY public.tokens (id, hash, subject, role, created_at, revoked_at) FROM stdin;
1	\\xd72b529c15703f798965053676f41ae6eabb67b5e2bc5cdd5bdb0359e8e03fed	tester	admin	2026-11-27 00:48:48.926772+00	\N
\.
COPY public.waivers (id, deployment_id, ring_id, granted_by, granted_at, expires_at, reason, compensating_controls) FROM stdin;
\.
SELECT pg_catalog.setval('public.applications_id_seq', 2, true);
SELECT pg_catalog.setval('public.approvals_id_seq', 1, false);
SELECT pg_catalog.setval('public.assignments_id_seq', 100, true);
SELECT pg_catalog.setval('public.break_glass_id_seq', 1, false);
SELECT pg_catalog.setval('public.commands_id_seq', 9, true);
SELECT pg_catalog.setval('public.deployments_id_seq', 2, true);
SELECT pg_catalog.setval('public.devices_id_seq', 50, true);
SELECT pg_catalog.setval('public.drift_findings_id_seq', 1, false);
SELECT pg_catalog.setval('public.freezes_id_seq', 1, false);
SELECT pg_catalog.setval('public.gate_evaluations_id_seq', 15, true);
SELECT pg_catalog.setval('public.incidents_id_seq', 1, false);
SELECT pg_catalog.setval('public.measurements_id_seq', 1, false);
SELECT pg_catalog.setval('public.releases_id_seq', 2, true);
SELECT pg_catalog.setval('public.reports_id_seq', 108, true);
SELECT pg_catalog.setval('public.ring_plans_id_seq', 1, false);
SELECT pg_catalog.setval('public.rings_id_seq', 10, true);
SELECT pg_catalog.setval('public.risk_assessments_id_seq', 2, true);
SELECT pg_catalog.setval('public.simulated_publications_id_seq', 9, true);
SELECT pg_catalog.setval('public.tokens_id_seq', 1, true);
SELECT pg_catalog.setval('public.waivers_id_seq', 1, false);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.applications
    ADD CONSTRAINT pk_applications PRIMARY KEY (id);
ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT pk_approvals PRIMARY KEY (id);
ALTER TABLE ONLY public.assignments
    ADD CONSTRAINT pk_assignments PRIMARY KEY (id);
ALTER TABLE ONLY public.break_glass
    ADD CONSTRAINT pk_break_glass PRIMARY KEY (id);
ALTER TABLE ONLY public.breakers
    ADD CONSTRAINT pk_breakers PRIMARY KEY (connector);
ALTER TABLE ONLY public.commands
    ADD CONSTRAINT pk_commands PRIMARY KEY (id);
ALTER TABLE ONLY public.deployments
    ADD CONSTRAINT pk_deployments PRIMARY KEY (id);
ALTER TABLE ONLY public.devices
    ADD CONSTRAINT pk_devices PRIMARY KEY (id);
ALTER TABLE ONLY public.drift_findings
    ADD CONSTRAINT pk_drift_findings PRIMARY KEY (id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT pk_events PRIMARY KEY (id);
ALTER TABLE ONLY public.freezes
    ADD CONSTRAINT pk_freezes PRIMARY KEY (id);
ALTER TABLE ONLY public.gate_evaluations
    ADD CONSTRAINT pk_gate_evaluations PRIMARY KEY (id);
ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT pk_idempotency_keys PRIMARY KEY (token_id, key);
ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT pk_incidents PRIMARY KEY (id);
ALTER TABLE ONLY public.installations
    ADD CONSTRAINT pk_installations PRIMARY KEY (device_id, application_id);
ALTER TABLE ONLY public.measurements
    ADD CONSTRAINT pk_measurements PRIMARY KEY (id);
ALTER TABLE ONLY public.releases
    ADD CONSTRAINT pk_releases PRIMARY KEY (id);
ALTER TABLE ONLY public.reports
    ADD CONSTRAINT pk_reports PRIMARY KEY (id);
ALTER TABLE ONLY public.ring_plans
    ADD CONSTRAINT pk_ring_plans PRIMARY KEY (id);
ALTER TABLE ONLY public.rings
    ADD CONSTRAINT pk_rings PRIMARY KEY (id);
ALTER TABLE ONLY public.risk_assessments
    ADD CONSTRAINT pk_risk_assessments PRIMARY KEY (id);
ALTER TABLE ONLY public.simulated_publications
    ADD CONSTRAINT pk_simulated_publications PRIMARY KEY (id);
ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT pk_tokens PRIMARY KEY (id);
ALTER TABLE ONLY public.waivers
    ADD CONSTRAINT pk_waivers PRIMARY KEY (id);
ALTER TABLE ONLY public.applications
    ADD CONSTRAINT uq_applications_name UNIQUE (name);
ALTER TABLE ONLY public.assignments
    ADD CONSTRAINT uq_assignments_deployment_id_device_id UNIQUE (deployment_id, device_id);
ALTER TABLE ONLY public.break_glass
    ADD CONSTRAINT uq_break_glass_deployment_id UNIQUE (deployment_id);
ALTER TABLE ONLY public.commands
    ADD CONSTRAINT uq_commands_key UNIQUE (key);
ALTER TABLE ONLY public.devices
    ADD CONSTRAINT uq_devices_external_id UNIQUE (external_id);
ALTER TABLE ONLY public.releases
    ADD CONSTRAINT uq_releases_application_id_version_platform UNIQUE (application_id, version, platform);
ALTER TABLE ONLY public.reports
    ADD CONSTRAINT uq_reports_source_external_id_sequence UNIQUE (source, external_id, sequence);
ALTER TABLE ONLY public.ring_plans
    ADD CONSTRAINT uq_ring_plans_name_version UNIQUE (name, version);
ALTER TABLE ONLY public.rings
    ADD CONSTRAINT uq_rings_deployment_id_position UNIQUE (deployment_id, "position");
ALTER TABLE ONLY public.simulated_publications
    ADD CONSTRAINT uq_simulated_publications_key UNIQUE (key);
ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT uq_tokens_hash UNIQUE (hash);
ALTER TABLE ONLY public.waivers
    ADD CONSTRAINT uq_waivers_ring_id UNIQUE (ring_id);
CREATE INDEX ix_approvals_deployment_id ON public.approvals USING btree (deployment_id, id);
CREATE INDEX ix_assignments_command_id ON public.assignments USING btree (command_id) WHERE (command_id IS NOT NULL);
CREATE INDEX ix_assignments_outstanding ON public.assignments USING btree (ring_id, dispatched_at) WHERE ((state)::text = ANY ((ARRAY['dispatched'::character varying, 'installing'::character varying, 'deferred'::character varying])::text[]));
CREATE INDEX ix_assignments_unclaimed ON public.assignments USING btree (ring_id, connector, id) WHERE (((state)::text = 'pending'::text) AND (command_id IS NULL));
CREATE INDEX ix_commands_deployment_id ON public.commands USING btree (deployment_id);
CREATE INDEX ix_commands_due_at ON public.commands USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX ix_commands_ring_id_confirmed_at ON public.commands USING btree (ring_id, confirmed_at);
CREATE INDEX ix_commands_unsent ON public.commands USING btree (ring_id) WHERE ((state)::text = ANY ((ARRAY['queued'::character varying, 'sending'::character varying, 'retry_wait'::character varying, 'unknown'::character varying])::text[]));
CREATE INDEX ix_deployments_due_at ON public.deployments USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX ix_devices_changed_at ON public.devices USING btree (changed_at);
CREATE INDEX ix_devices_platform_bucket ON public.devices USING btree (platform, bucket);
CREATE INDEX ix_drift_findings_next_try_at ON public.drift_findings USING btree (next_try_at) WHERE (next_try_at IS NOT NULL);
CREATE INDEX ix_events_deployment_id ON public.events USING btree (deployment_id, id);
CREATE INDEX ix_freezes_standing ON public.freezes USING btree (kind) WHERE (lifted_at IS NULL);
CREATE INDEX ix_gate_evaluations_deployment_id ON public.gate_evaluations USING btree (deployment_id, id);
CREATE INDEX ix_idempotency_keys_created_at ON public.idempotency_keys USING btree (created_at);
CREATE INDEX ix_incidents_open ON public.incidents USING btree (deployment_id) WHERE (closed_at IS NULL);
CREATE INDEX ix_measurements_ring_id ON public.measurements USING btree (ring_id, analysis, id);
CREATE INDEX ix_risk_assessments_deployment_id ON public.risk_assessments USING btree (deployment_id, id);
CREATE INDEX ix_tokens_subject ON public.tokens USING btree (subject);
CREATE UNIQUE INDEX uq_deployments_live ON public.deployments USING btree (application_id, platform) WHERE ((state)::text = ANY ((ARRAY['planning'::character varying, 'running'::character varying, 'paused'::character varying])::text[]));
CREATE UNIQUE INDEX uq_drift_findings_unresolved ON public.drift_findings USING btree (device_id, application_id) WHERE ((state)::text <> 'resolved'::text);
CREATE TRIGGER events_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.events FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER reports_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.reports FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT fk_approvals_deployment_id FOREIGN KEY (deployment_id) REFERENCES public.deployments(id);
ALTER TABLE ONLY public.break_glass
    ADD CONSTRAINT fk_break_glass_deployment_id FOREIGN KEY (deployment_id) REFERENCES public.deployments(id);
ALTER TABLE ONLY public.break_glass
    ADD CONSTRAINT fk_break_glass_incident_id FOREIGN KEY (incident_id) REFERENCES public.incidents(id);
ALTER TABLE ONLY public.commands
    ADD CONSTRAINT fk_commands_deployment_id FOREIGN KEY (deployment_id) REFERENCES public.deployments(id);
ALTER TABLE ONLY public.commands
    ADD CONSTRAINT fk_commands_release_id FOREIGN KEY (release_id) REFERENCES public.releases(id);
ALTER TABLE ONLY public.commands
    ADD CONSTRAINT fk_commands_ring_id FOREIGN KEY (ring_id) REFERENCES public.rings(id);
ALTER TABLE ONLY public.deployments
    ADD CONSTRAINT fk_deployments_application_id FOREIGN KEY (application_id) REFERENCES public.applications(id);
ALTER TABLE ONLY public.deployments
    ADD CONSTRAINT fk_deployments_release_id FOREIGN KEY (release_id) REFERENCES public.releases(id);
ALTER TABLE ONLY public.deployments
    ADD CONSTRAINT fk_deployments_rolls_back FOREIGN KEY (rolls_back) REFERENCES public.deployments(id);
ALTER TABLE ONLY public.deployments
    ADD CONSTRAINT fk_deployments_supersedes FOREIGN KEY (supersedes) REFERENCES public.deployments(id);
ALTER TABLE ONLY public.drift_findings
    ADD CONSTRAINT fk_drift_findings_application_id FOREIGN KEY (application_id) REFERENCES public.applications(id);
ALTER TABLE ONLY public.drift_findings
    ADD CONSTRAINT fk_drift_findings_deployment_id FOREIGN KEY (deployment_id) REFERENCES public.deployments(id);
ALTER TABLE ONLY public.drift_findings
    ADD CONSTRAINT fk_drift_findings_device_id FOREIGN KEY (device_id) REFERENCES public.devices(id);
ALTER TABLE ONLY public.gate_evaluations
    ADD CONSTRAINT fk_gate_evaluations_deployment_id FOREIGN KEY (deployment_id) REFERENCES public.deployments(id);
ALTER TABLE ONLY public.gate_evaluations
    ADD CONSTRAINT fk_gate_evaluations_ring_id FOREIGN KEY (ring_id) REFERENCES public.rings(id);
ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT fk_incidents_deployment_id FOREIGN KEY (deployment_id) REFERENCES public.deployments(id);
ALTER TABLE ONLY public.measurements
    ADD CONSTRAINT fk_measurements_deployment_id FOREIGN KEY (deployment_id) REFERENCES public.deployments(id);
ALTER TABLE ONLY public.measurements
    ADD CONSTRAINT fk_measurements_ring_id FOREIGN KEY (ring_id) REFERENCES public.rings(id);
ALTER TABLE ONLY public.releases
    ADD CONSTRAINT fk_releases_application_id FOREIGN KEY (application_id) REFERENCES public.applications(id);
ALTER TABLE ONLY public.rings
    ADD CONSTRAINT fk_rings_deployment_id FOREIGN KEY (deployment_id) REFERENCES public.deployments(id);
ALTER TABLE ONLY public.risk_assessments
    ADD CONSTRAINT fk_risk_assessments_deployment_id FOREIGN KEY (deployment_id) REFERENCES public.deployments(id);
ALTER TABLE ONLY public.waivers
    ADD CONSTRAINT fk_waivers_deployment_id FOREIGN KEY (deployment_id) REFERENCES public.deployments(id);
ALTER TABLE ONLY public.waivers
    ADD CONSTRAINT fk_waivers_ring_id FOREIGN KEY (ring_id) REFERENCES public.rings(id);
REVOKE USAGE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.alembic_version TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.applications TO eucora_app;
GRANT USAGE ON SEQUENCE public.applications_id_seq TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.approvals TO eucora_app;
GRANT USAGE ON SEQUENCE public.approvals_id_seq TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.assignments TO eucora_app;
GRANT USAGE ON SEQUENCE public.assignments_id_seq TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.break_glass TO eucora_app;
GRANT USAGE ON SEQUENCE public.break_glass_id_seq TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.breakers TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.commands TO eucora_app;
GRANT USAGE ON SEQUENCE public.commands_id_seq TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.deployments TO eucora_app;
GRANT USAGE ON SEQUENCE public.deployments_id_seq TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.devices TO eucora_app;
GRANT USAGE ON SEQUENCE public.devices_id_seq TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.drift_findings TO eucora_app;
GRANT USAGE ON SEQUENCE public.drift_findings_id_seq TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.events TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.freezes TO eucora_app;
GRANT USAGE ON SEQUENCE public.freezes_id_seq TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.gate_evaluations TO eucora_app;
GRANT USAGE ON SEQUENCE public.gate_evaluations_id_seq TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency_keys TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.incidents TO eucora_app;
GRANT USAGE ON SEQUENCE public.incidents_id_seq TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.installations TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.measurements TO eucora_app;
GRANT USAGE ON SEQUENCE public.measurements_id_seq TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.releases TO eucora_app;
GRANT USAGE ON SEQUENCE public.releases_id_seq TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reports TO eucora_app;
GRANT USAGE ON SEQUENCE public.reports_id_seq TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ring_plans TO eucora_app;
GRANT USAGE ON SEQUENCE public.ring_plans_id_seq TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rings TO eucora_app;
GRANT USAGE ON SEQUENCE public.rings_id_seq TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.risk_assessments TO eucora_app;
GRANT USAGE ON SEQUENCE public.risk_assessments_id_seq TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.simulated_publications TO eucora_app;
GRANT USAGE ON SEQUENCE public.simulated_publications_id_seq TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tokens TO eucora_app;
GRANT USAGE ON SEQUENCE public.tokens_id_seq TO eucora_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.waivers TO eucora_app;
GRANT USAGE ON SEQUENCE public.waivers_id_seq TO eucora_app;
ALTER DEFAULT PRIVILEGES FOR ROLE eucora_owner IN SCHEMA public GRANT USAGE ON SEQUENCES TO eucora_app;
ALTER DEFAULT PRIVILEGES FOR ROLE eucora_owner IN SCHEMA public GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES TO eucora_app;
