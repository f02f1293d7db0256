--
-- PostgreSQL database dump
--


-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.4

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

--
-- Data for Name: applications; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.applications (id, name) FROM stdin;
1	vpn
2	agent
3	editor
4	reader
5	mail
6	browser
7	tool
\.


--
-- Data for Name: releases; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.releases (id, application_id, version, platform, artifact_hash) FROM stdin;
1	1	1.0	windows	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
2	2	1.0	windows	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
3	3	1.0	windows	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
4	4	1.0	windows	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
5	5	1.0	windows	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
6	6	1.0	windows	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
7	7	1.0	windows	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
\.


--
-- Data for Name: deployments; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.deployments (id, application_id, release_id, platform, application_label, plan, scope, state, reason, version, requested_by, created_at, started_at, paused_at, finished_at, due_at, kind, rolls_back, supersedes, declared_risk, evidence, evidence_hash, joined_until, holds) FROM stdin;
4	4	4	windows	_other	{"name": "patient", "rings": [{"tag": "lab", "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": 30, "validates_rollback": false}, "name": "lab", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": 30, "validates_rollback": false}, "name": "canary", "share": 20.0, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "pilot", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}], "version": 1, "windows": [], "rotation": 0, "silent_after": {"online": 86400, "air_gapped": 604800, "intermittent": 259200}}	{"tags": [], "site_classes": [], "business_units": []}	paused	stalled:lab	3	tester	2026-11-26 15:36:50.741556+00	2026-11-26 15:36:50.741556+00	2026-11-26 15:37:20.741556+00	\N	2026-11-26 15:38:42.741556+00	rollout	\N	\N	{"privilege": 0.1, "data_access": 0.1, "supply_chain": 0.1, "critical_cves": 0, "cve_exception": "", "exploitability": 0.1, "vulnerabilities": 0.1, "privileged_tooling": false, "operational_complexity": 0.1}	{}	\N	2026-11-26 15:36:50.741556+00	["stalled"]
1	1	1	windows	_other	{"name": "quick", "rings": [{"tag": "lab", "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": true}, "name": "lab", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "canary", "share": 20.0, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "pilot", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}], "version": 1, "windows": [], "rotation": 0, "silent_after": {"online": 86400, "air_gapped": 604800, "intermittent": 259200}}	{"tags": [], "site_classes": [], "business_units": []}	completed	all_rings_over	3	tester	2026-11-26 15:35:53.741556+00	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:36:08.741556+00	\N	rollout	\N	\N	{"privilege": 0.1, "data_access": 0.1, "supply_chain": 0.1, "critical_cves": 0, "cve_exception": "", "exploitability": 0.1, "vulnerabilities": 0.1, "privileged_tooling": false, "operational_complexity": 0.1}	{}	\N	2026-11-26 15:35:53.741556+00	[]
2	2	2	windows	_other	{"name": "patient", "rings": [{"tag": "lab", "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": 30, "validates_rollback": false}, "name": "lab", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": 30, "validates_rollback": false}, "name": "canary", "share": 20.0, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "pilot", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}], "version": 1, "windows": [], "rotation": 0, "silent_after": {"online": 86400, "air_gapped": 604800, "intermittent": 259200}}	{"tags": [], "site_classes": [], "business_units": []}	completed	all_rings_over	3	tester	2026-11-26 15:36:29.741556+00	2026-11-26 15:36:29.741556+00	\N	2026-11-26 15:36:39.741556+00	\N	rollout	\N	\N	{"privilege": 0.1, "data_access": 0.1, "supply_chain": 0.1, "critical_cves": 0, "cve_exception": "", "exploitability": 0.1, "vulnerabilities": 0.1, "privileged_tooling": false, "operational_complexity": 0.1}	{}	\N	2026-11-26 15:36:29.741556+00	[]
5	5	5	windows	_other	{"name": "quick", "rings": [{"tag": "lab", "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": true}, "name": "lab", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "canary", "share": 20.0, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "pilot", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}], "version": 1, "windows": [], "rotation": 0, "silent_after": {"online": 86400, "air_gapped": 604800, "intermittent": 259200}}	{"tags": [], "site_classes": [], "business_units": []}	completed	all_rings_over	3	tester	2026-11-26 15:37:21.741556+00	2026-11-26 15:37:21.741556+00	\N	2026-11-26 15:37:36.741556+00	\N	rollout	\N	\N	{"privilege": 0.1, "data_access": 0.1, "supply_chain": 0.1, "critical_cves": 0, "cve_exception": "", "exploitability": 0.1, "vulnerabilities": 0.1, "privileged_tooling": false, "operational_complexity": 0.1}	{}	\N	2026-11-26 15:37:21.741556+00	[]
6	5	5	windows	_other	{"name": "quick", "rings": [{"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P0", "compliant_within": {}, "max_wait_seconds": null, "validates_rollback": false}, "name": "pilot", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P0", "compliant_within": {}, "max_wait_seconds": null, "validates_rollback": false}, "name": "canary", "share": 20.0, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": "lab", "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P0", "compliant_within": {}, "max_wait_seconds": null, "validates_rollback": false}, "name": "lab", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}], "version": 1, "windows": [], "rotation": 0, "silent_after": {"online": 86400, "air_gapped": 604800, "intermittent": 259200}}	{"tags": [], "site_classes": [], "business_units": []}	running	planned	2	tester	2026-11-26 15:37:37.741556+00	2026-11-26 15:37:37.741556+00	\N	\N	2026-11-26 15:38:43.741556+00	rollback	5	\N	{}	{}	\N	2026-11-26 15:37:37.741556+00	[]
8	7	7	windows	_other	{"name": "quick", "rings": [{"tag": "lab", "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": true}, "name": "lab", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "canary", "share": 20.0, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "pilot", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}], "version": 1, "windows": [], "rotation": 0, "silent_after": {"online": 86400, "air_gapped": 604800, "intermittent": 259200}}	{"tags": [], "site_classes": [], "business_units": []}	running	planned	2	tester	2026-11-26 15:38:02.741556+00	2026-11-26 15:38:02.741556+00	\N	\N	2026-11-26 15:38:42.741556+00	rollout	\N	\N	{"privilege": 0.1, "data_access": 0.1, "supply_chain": 0.1, "critical_cves": 0, "cve_exception": "", "exploitability": 0.1, "vulnerabilities": 0.1, "privileged_tooling": false, "operational_complexity": 0.1}	{}	\N	2026-11-26 15:38:02.741556+00	["breaker"]
3	3	3	windows	_other	{"name": "quick", "rings": [{"tag": "lab", "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": true}, "name": "lab", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "canary", "share": 20.0, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "pilot", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}], "version": 1, "windows": [], "rotation": 0, "silent_after": {"online": 86400, "air_gapped": 604800, "intermittent": 259200}}	{"tags": [], "site_classes": [], "business_units": []}	paused	gate_failed:canary	3	tester	2026-11-26 15:36:39.741556+00	2026-11-26 15:36:39.741556+00	2026-11-26 15:36:49.741556+00	\N	2026-11-26 15:38:51.741556+00	rollout	\N	\N	{"privilege": 0.1, "data_access": 0.1, "supply_chain": 0.1, "critical_cves": 0, "cve_exception": "", "exploitability": 0.1, "vulnerabilities": 0.1, "privileged_tooling": false, "operational_complexity": 0.1}	{}	\N	2026-11-26 15:36:39.741556+00	[]
7	6	6	windows	_other	{"name": "paced", "rings": [{"tag": "lab", "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "lab", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 60, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "canary", "share": 20.0, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "pilot", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}], "version": 1, "windows": [], "rotation": 0, "silent_after": {"online": 86400, "air_gapped": 604800, "intermittent": 259200}}	{"tags": [], "site_classes": [], "business_units": []}	running	planned	2	tester	2026-11-26 15:37:37.741556+00	2026-11-26 15:37:37.741556+00	\N	\N	2026-11-26 15:38:43.741556+00	rollout	\N	\N	{"privilege": 0.1, "data_access": 0.1, "supply_chain": 0.1, "critical_cves": 0, "cve_exception": "", "exploitability": 0.1, "vulnerabilities": 0.1, "privileged_tooling": false, "operational_complexity": 0.1}	{}	\N	2026-11-26 15:37:37.741556+00	[]
\.


--
-- Data for Name: approvals; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.approvals (id, deployment_id, answer, subject, comment, at, content_hash, invalidated_at) FROM stdin;
\.


--
-- Data for Name: assignments; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.assignments (id, deployment_id, ring_id, device_id, connector, state, command_id, source, sequence, reason, dispatched_at, reported_at, site_class, release_id, previous_release_id) FROM stdin;
23	1	1	26	simulated	succeeded	1	simulated	12	installed	2026-11-26 15:35:53.741556+00	2026-11-26 15:35:54.932549+00	online	\N	\N
40	1	1	1	simulated	succeeded	1	simulated	12	installed	2026-11-26 15:35:53.741556+00	2026-11-26 15:35:55.401563+00	online	\N	\N
2	1	2	44	simulated	succeeded	4	simulated	42	installed	2026-11-26 15:36:00.741556+00	2026-11-26 15:36:02.023458+00	online	\N	\N
1	1	2	12	simulated	succeeded	4	simulated	42	installed	2026-11-26 15:36:00.741556+00	2026-11-26 15:36:02.753301+00	online	\N	\N
4	1	2	40	simulated	succeeded	4	simulated	42	installed	2026-11-26 15:36:00.741556+00	2026-11-26 15:36:03.099801+00	online	\N	\N
6	1	2	37	simulated	succeeded	4	simulated	42	installed	2026-11-26 15:36:00.741556+00	2026-11-26 15:36:03.013235+00	online	\N	\N
3	1	2	17	simulated	succeeded	4	simulated	42	installed	2026-11-26 15:36:00.741556+00	2026-11-26 15:36:04.666624+00	online	\N	\N
5	1	2	36	simulated	succeeded	4	simulated	42	installed	2026-11-26 15:36:00.741556+00	2026-11-26 15:36:04.038654+00	online	\N	\N
8	1	3	30	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:05.057226+00	online	\N	\N
9	1	3	43	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:05.726318+00	online	\N	\N
25	1	3	9	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:05.495875+00	online	\N	\N
12	1	3	32	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:06.405432+00	online	\N	\N
16	1	3	31	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:05.809489+00	online	\N	\N
21	1	3	11	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:06.523578+00	online	\N	\N
22	1	3	16	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:06.278174+00	online	\N	\N
13	1	3	41	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:07.388236+00	online	\N	\N
20	1	3	47	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:07.231036+00	online	\N	\N
24	1	3	5	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:07.597768+00	online	\N	\N
7	1	3	49	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:08.669416+00	online	\N	\N
10	1	3	13	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:07.864983+00	online	\N	\N
11	1	3	22	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:07.859598+00	online	\N	\N
14	1	3	46	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:08.13626+00	online	\N	\N
15	1	3	35	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:07.841598+00	online	\N	\N
17	1	3	3	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:08.738699+00	online	\N	\N
18	1	3	8	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:07.913467+00	online	\N	\N
19	1	3	7	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:08.202077+00	online	\N	\N
39	1	3	33	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:05.660106+00	online	\N	\N
27	1	3	25	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:06.112343+00	online	\N	\N
28	1	3	4	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:05.97473+00	online	\N	\N
33	1	3	10	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:05.948293+00	online	\N	\N
34	1	3	20	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:06.253063+00	online	\N	\N
36	1	3	21	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:06.454954+00	online	\N	\N
38	1	3	6	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:05.74411+00	online	\N	\N
42	1	3	29	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:06.625487+00	online	\N	\N
44	1	3	2	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:06.649742+00	online	\N	\N
46	1	3	14	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:06.633493+00	online	\N	\N
26	1	3	38	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:07.16906+00	online	\N	\N
29	1	3	19	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:07.141228+00	online	\N	\N
30	1	3	15	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:07.281771+00	online	\N	\N
41	1	3	23	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:07.315772+00	online	\N	\N
43	1	3	48	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:07.199596+00	online	\N	\N
31	1	3	50	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:08.631528+00	online	\N	\N
32	1	3	24	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:08.246445+00	online	\N	\N
35	1	3	18	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:08.434204+00	online	\N	\N
37	1	3	28	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:08.105772+00	online	\N	\N
45	1	3	27	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:08.003586+00	online	\N	\N
48	1	3	34	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:06.740013+00	online	\N	\N
49	1	3	39	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:06.396153+00	online	\N	\N
47	1	3	45	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:07.261095+00	online	\N	\N
50	1	3	42	simulated	succeeded	5	simulated	52	installed	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:08.523076+00	online	\N	\N
73	2	4	26	simulated	succeeded	6	simulated	62	installed	2026-11-26 15:36:29.741556+00	2026-11-26 15:36:30.932549+00	online	\N	\N
90	2	4	1	simulated	succeeded	6	simulated	62	installed	2026-11-26 15:36:29.741556+00	2026-11-26 15:36:31.401563+00	online	\N	\N
52	2	5	44	simulated	succeeded	7	simulated	72	installed	2026-11-26 15:36:31.741556+00	2026-11-26 15:36:33.023458+00	online	\N	\N
51	2	5	12	simulated	succeeded	7	simulated	72	installed	2026-11-26 15:36:31.741556+00	2026-11-26 15:36:33.753301+00	online	\N	\N
54	2	5	40	simulated	succeeded	7	simulated	72	installed	2026-11-26 15:36:31.741556+00	2026-11-26 15:36:34.099801+00	online	\N	\N
56	2	5	37	simulated	succeeded	7	simulated	72	installed	2026-11-26 15:36:31.741556+00	2026-11-26 15:36:34.013235+00	online	\N	\N
53	2	5	17	simulated	succeeded	7	simulated	72	installed	2026-11-26 15:36:31.741556+00	2026-11-26 15:36:35.666624+00	online	\N	\N
55	2	5	36	simulated	succeeded	7	simulated	72	installed	2026-11-26 15:36:31.741556+00	2026-11-26 15:36:35.038654+00	online	\N	\N
58	2	6	30	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:36.057226+00	online	\N	\N
59	2	6	43	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:36.726318+00	online	\N	\N
75	2	6	9	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:36.495875+00	online	\N	\N
62	2	6	32	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:37.405432+00	online	\N	\N
66	2	6	31	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:36.809489+00	online	\N	\N
71	2	6	11	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:37.523578+00	online	\N	\N
72	2	6	16	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:37.278174+00	online	\N	\N
63	2	6	41	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:38.388236+00	online	\N	\N
70	2	6	47	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:38.231036+00	online	\N	\N
74	2	6	5	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:38.597768+00	online	\N	\N
76	2	6	38	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:38.16906+00	online	\N	\N
57	2	6	49	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:39.669416+00	online	\N	\N
60	2	6	13	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:38.864983+00	online	\N	\N
61	2	6	22	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:38.859598+00	online	\N	\N
64	2	6	46	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:39.13626+00	online	\N	\N
65	2	6	35	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:38.841598+00	online	\N	\N
67	2	6	3	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:39.738699+00	online	\N	\N
68	2	6	8	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:38.913467+00	online	\N	\N
69	2	6	7	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:39.202077+00	online	\N	\N
89	2	6	33	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:36.660106+00	online	\N	\N
77	2	6	25	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:37.112343+00	online	\N	\N
78	2	6	4	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:36.97473+00	online	\N	\N
83	2	6	10	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:36.948293+00	online	\N	\N
84	2	6	20	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:37.253063+00	online	\N	\N
86	2	6	21	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:37.454954+00	online	\N	\N
88	2	6	6	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:36.74411+00	online	\N	\N
92	2	6	29	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:37.625487+00	online	\N	\N
94	2	6	2	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:37.649742+00	online	\N	\N
96	2	6	14	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:37.633493+00	online	\N	\N
79	2	6	19	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:38.141228+00	online	\N	\N
80	2	6	15	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:38.281771+00	online	\N	\N
91	2	6	23	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:38.315772+00	online	\N	\N
93	2	6	48	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:38.199596+00	online	\N	\N
97	2	6	45	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:38.261095+00	online	\N	\N
81	2	6	50	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:39.631528+00	online	\N	\N
82	2	6	24	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:39.246445+00	online	\N	\N
85	2	6	18	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:39.434204+00	online	\N	\N
87	2	6	28	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:39.105772+00	online	\N	\N
95	2	6	27	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:39.003586+00	online	\N	\N
98	2	6	34	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:37.740013+00	online	\N	\N
99	2	6	39	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:37.396153+00	online	\N	\N
107	3	9	49	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
108	3	9	30	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
109	3	9	43	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
110	3	9	13	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
111	3	9	22	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
112	3	9	32	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
113	3	9	41	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
114	3	9	46	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
115	3	9	35	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
116	3	9	31	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
117	3	9	3	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
118	3	9	8	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
119	3	9	7	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
120	3	9	47	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
121	3	9	11	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
122	3	9	16	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
124	3	9	5	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
125	3	9	9	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
126	3	9	38	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
127	3	9	25	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
128	3	9	4	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
129	3	9	19	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
130	3	9	15	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
131	3	9	50	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
132	3	9	24	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
133	3	9	10	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
134	3	9	20	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
135	3	9	18	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
136	3	9	21	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
137	3	9	28	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
138	3	9	6	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
139	3	9	33	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
141	3	9	23	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
142	3	9	29	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
143	3	9	48	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
144	3	9	2	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
145	3	9	27	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
146	3	9	14	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
147	3	9	45	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
148	3	9	34	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
100	2	6	42	simulated	succeeded	8	simulated	82	installed	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:39.523076+00	online	\N	\N
123	3	7	26	simulated	succeeded	9	simulated	92	installed	2026-11-26 15:36:39.741556+00	2026-11-26 15:36:40.932549+00	online	\N	\N
140	3	7	1	simulated	succeeded	9	simulated	92	installed	2026-11-26 15:36:39.741556+00	2026-11-26 15:36:41.401563+00	online	\N	\N
102	3	8	44	simulated	failed	12	simulated	122	install_error	2026-11-26 15:36:46.741556+00	2026-11-26 15:36:48.023458+00	online	\N	\N
101	3	8	12	simulated	failed	12	simulated	122	install_error	2026-11-26 15:36:46.741556+00	2026-11-26 15:36:48.753301+00	online	\N	\N
104	3	8	40	simulated	failed	12	simulated	122	install_error	2026-11-26 15:36:46.741556+00	2026-11-26 15:36:49.099801+00	online	\N	\N
106	3	8	37	simulated	failed	12	simulated	122	install_error	2026-11-26 15:36:46.741556+00	2026-11-26 15:36:49.013235+00	online	\N	\N
103	3	8	17	simulated	succeeded	12	simulated	122	installed	2026-11-26 15:36:46.741556+00	2026-11-26 15:36:50.666624+00	online	\N	\N
105	3	8	36	simulated	succeeded	12	simulated	122	installed	2026-11-26 15:36:46.741556+00	2026-11-26 15:36:50.038654+00	online	\N	\N
149	3	9	39	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
150	3	9	42	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
151	4	11	12	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
152	4	11	44	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
153	4	11	17	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
154	4	11	40	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
155	4	11	36	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
156	4	11	37	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
157	4	12	49	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
158	4	12	30	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
159	4	12	43	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
160	4	12	13	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
161	4	12	22	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
162	4	12	32	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
163	4	12	41	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
164	4	12	46	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
165	4	12	35	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
166	4	12	31	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
167	4	12	3	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
168	4	12	8	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
169	4	12	7	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
170	4	12	47	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
171	4	12	11	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
172	4	12	16	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
174	4	12	5	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
175	4	12	9	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
176	4	12	38	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
177	4	12	25	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
178	4	12	4	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
179	4	12	19	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
180	4	12	15	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
181	4	12	50	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
182	4	12	24	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
183	4	12	10	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
184	4	12	20	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
185	4	12	18	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
186	4	12	21	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
187	4	12	28	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
188	4	12	6	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
189	4	12	33	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
191	4	12	23	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
192	4	12	29	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
193	4	12	48	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
194	4	12	2	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
195	4	12	27	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
196	4	12	14	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
197	4	12	45	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
198	4	12	34	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
199	4	12	39	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
200	4	12	42	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
173	4	10	26	simulated	dispatched	13	\N	0	\N	2026-11-26 15:36:50.741556+00	\N	online	\N	\N
190	4	10	1	simulated	dispatched	13	\N	0	\N	2026-11-26 15:36:50.741556+00	\N	online	\N	\N
223	5	13	26	simulated	succeeded	14	simulated	142	installed	2026-11-26 15:37:21.741556+00	2026-11-26 15:37:22.932549+00	online	\N	\N
240	5	13	1	simulated	succeeded	14	simulated	142	installed	2026-11-26 15:37:21.741556+00	2026-11-26 15:37:23.401563+00	online	\N	\N
202	5	14	44	simulated	succeeded	17	simulated	172	installed	2026-11-26 15:37:28.741556+00	2026-11-26 15:37:30.023458+00	online	\N	\N
201	5	14	12	simulated	succeeded	17	simulated	172	installed	2026-11-26 15:37:28.741556+00	2026-11-26 15:37:30.753301+00	online	\N	\N
204	5	14	40	simulated	succeeded	17	simulated	172	installed	2026-11-26 15:37:28.741556+00	2026-11-26 15:37:31.099801+00	online	\N	\N
206	5	14	37	simulated	succeeded	17	simulated	172	installed	2026-11-26 15:37:28.741556+00	2026-11-26 15:37:31.013235+00	online	\N	\N
203	5	14	17	simulated	succeeded	17	simulated	172	installed	2026-11-26 15:37:28.741556+00	2026-11-26 15:37:32.666624+00	online	\N	\N
205	5	14	36	simulated	succeeded	17	simulated	172	installed	2026-11-26 15:37:28.741556+00	2026-11-26 15:37:32.038654+00	online	\N	\N
208	5	15	30	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:33.057226+00	online	\N	\N
209	5	15	43	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:33.726318+00	online	\N	\N
225	5	15	9	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:33.495875+00	online	\N	\N
212	5	15	32	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:34.405432+00	online	\N	\N
216	5	15	31	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:33.809489+00	online	\N	\N
221	5	15	11	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:34.523578+00	online	\N	\N
222	5	15	16	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:34.278174+00	online	\N	\N
213	5	15	41	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:35.388236+00	online	\N	\N
220	5	15	47	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:35.231036+00	online	\N	\N
224	5	15	5	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:35.597768+00	online	\N	\N
207	5	15	49	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:36.669416+00	online	\N	\N
210	5	15	13	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:35.864983+00	online	\N	\N
211	5	15	22	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:35.859598+00	online	\N	\N
214	5	15	46	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:36.13626+00	online	\N	\N
215	5	15	35	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:35.841598+00	online	\N	\N
217	5	15	3	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:36.738699+00	online	\N	\N
218	5	15	8	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:35.913467+00	online	\N	\N
219	5	15	7	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:36.202077+00	online	\N	\N
239	5	15	33	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:33.660106+00	online	\N	\N
227	5	15	25	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:34.112343+00	online	\N	\N
228	5	15	4	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:33.97473+00	online	\N	\N
233	5	15	10	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:33.948293+00	online	\N	\N
234	5	15	20	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:34.253063+00	online	\N	\N
236	5	15	21	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:34.454954+00	online	\N	\N
238	5	15	6	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:33.74411+00	online	\N	\N
242	5	15	29	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:34.625487+00	online	\N	\N
244	5	15	2	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:34.649742+00	online	\N	\N
246	5	15	14	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:34.633493+00	online	\N	\N
226	5	15	38	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:35.16906+00	online	\N	\N
229	5	15	19	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:35.141228+00	online	\N	\N
230	5	15	15	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:35.281771+00	online	\N	\N
241	5	15	23	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:35.315772+00	online	\N	\N
243	5	15	48	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:35.199596+00	online	\N	\N
231	5	15	50	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:36.631528+00	online	\N	\N
232	5	15	24	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:36.246445+00	online	\N	\N
235	5	15	18	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:36.434204+00	online	\N	\N
237	5	15	28	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:36.105772+00	online	\N	\N
245	5	15	27	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:36.003586+00	online	\N	\N
248	5	15	34	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:34.740013+00	online	\N	\N
249	5	15	39	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:34.396153+00	online	\N	\N
247	5	15	45	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:35.261095+00	online	\N	\N
250	5	15	42	simulated	succeeded	18	simulated	182	installed	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:36.523076+00	online	\N	\N
251	6	18	1	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	5
262	6	17	12	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	5
267	6	17	17	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	5
276	6	18	26	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	5
286	6	17	36	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	5
287	6	17	37	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	5
290	6	17	40	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	5
252	6	16	2	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
256	6	16	6	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
257	6	16	7	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
258	6	16	8	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
259	6	16	9	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
260	6	16	10	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
261	6	16	11	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
263	6	16	13	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
264	6	16	14	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
265	6	16	15	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
266	6	16	16	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
268	6	16	18	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
272	6	16	22	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
273	6	16	23	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
271	6	16	21	simulated	succeeded	19	simulated	192	withdrawn	2026-11-26 15:37:37.741556+00	2026-11-26 15:37:59.185688+00	online	\N	5
253	6	16	3	simulated	succeeded	19	simulated	192	withdrawn	2026-11-26 15:37:37.741556+00	2026-11-26 15:38:00.424206+00	online	\N	5
255	6	16	5	simulated	succeeded	19	simulated	192	withdrawn	2026-11-26 15:37:37.741556+00	2026-11-26 15:38:00.415638+00	online	\N	5
269	6	16	19	simulated	succeeded	19	simulated	192	withdrawn	2026-11-26 15:37:37.741556+00	2026-11-26 15:37:59.753204+00	online	\N	5
254	6	16	4	simulated	succeeded	19	simulated	192	withdrawn	2026-11-26 15:37:37.741556+00	2026-11-26 15:38:01.598344+00	online	\N	5
270	6	16	20	simulated	succeeded	19	simulated	192	withdrawn	2026-11-26 15:37:37.741556+00	2026-11-26 15:38:01.444453+00	online	\N	5
294	6	17	44	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	5
307	7	21	49	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
308	7	21	30	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
309	7	21	43	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
310	7	21	13	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
311	7	21	22	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
312	7	21	32	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
313	7	21	41	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
314	7	21	46	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
315	7	21	35	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
316	7	21	31	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
317	7	21	3	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
318	7	21	8	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
319	7	21	7	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
320	7	21	47	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
321	7	21	11	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
322	7	21	16	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
324	7	21	5	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
325	7	21	9	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
326	7	21	38	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
327	7	21	25	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
328	7	21	4	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
329	7	21	19	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
330	7	21	15	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
331	7	21	50	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
332	7	21	24	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
333	7	21	10	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
334	7	21	20	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
335	7	21	18	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
336	7	21	21	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
337	7	21	28	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
338	7	21	6	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
339	7	21	33	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
341	7	21	23	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
342	7	21	29	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
291	6	16	41	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
292	6	16	42	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
293	6	16	43	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
295	6	16	45	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
296	6	16	46	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
297	6	16	47	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
298	6	16	48	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
299	6	16	49	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
300	6	16	50	simulated	succeeded	19	simulated	192	withdrawn	2026-11-26 15:37:37.741556+00	2026-11-26 15:37:58.729773+00	online	\N	5
323	7	19	26	simulated	succeeded	20	simulated	202	installed	2026-11-26 15:37:37.741556+00	2026-11-26 15:38:00.149646+00	online	\N	\N
340	7	19	1	simulated	succeeded	20	simulated	202	installed	2026-11-26 15:37:37.741556+00	2026-11-26 15:38:01.417251+00	online	\N	\N
301	7	20	12	simulated	dispatched	21	\N	0	\N	2026-11-26 15:38:01.741556+00	\N	online	\N	\N
302	7	20	44	simulated	dispatched	21	\N	0	\N	2026-11-26 15:38:01.741556+00	\N	online	\N	\N
303	7	20	17	simulated	dispatched	21	\N	0	\N	2026-11-26 15:38:01.741556+00	\N	online	\N	\N
304	7	20	40	simulated	dispatched	21	\N	0	\N	2026-11-26 15:38:01.741556+00	\N	online	\N	\N
305	7	20	36	simulated	dispatched	21	\N	0	\N	2026-11-26 15:38:01.741556+00	\N	online	\N	\N
306	7	20	37	simulated	dispatched	21	\N	0	\N	2026-11-26 15:38:01.741556+00	\N	online	\N	\N
343	7	21	48	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
344	7	21	2	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
345	7	21	27	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
346	7	21	14	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
347	7	21	45	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
348	7	21	34	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
349	7	21	39	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
350	7	21	42	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
278	6	16	28	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
279	6	16	29	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
280	6	16	30	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
281	6	16	31	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
284	6	16	34	simulated	dispatched	19	\N	0	\N	2026-11-26 15:37:37.741556+00	\N	online	\N	5
285	6	16	35	simulated	succeeded	19	simulated	192	withdrawn	2026-11-26 15:37:37.741556+00	2026-11-26 15:37:58.135634+00	online	\N	5
275	6	16	25	simulated	succeeded	19	simulated	192	withdrawn	2026-11-26 15:37:37.741556+00	2026-11-26 15:37:59.680685+00	online	\N	5
282	6	16	32	simulated	succeeded	19	simulated	192	withdrawn	2026-11-26 15:37:37.741556+00	2026-11-26 15:37:58.831119+00	online	\N	5
283	6	16	33	simulated	succeeded	19	simulated	192	withdrawn	2026-11-26 15:37:37.741556+00	2026-11-26 15:37:59.656559+00	online	\N	5
289	6	16	39	simulated	succeeded	19	simulated	192	withdrawn	2026-11-26 15:37:37.741556+00	2026-11-26 15:37:59.096079+00	online	\N	5
277	6	16	27	simulated	succeeded	19	simulated	192	withdrawn	2026-11-26 15:37:37.741556+00	2026-11-26 15:38:00.633858+00	online	\N	5
288	6	16	38	simulated	succeeded	19	simulated	192	withdrawn	2026-11-26 15:37:37.741556+00	2026-11-26 15:37:59.993474+00	online	\N	5
274	6	16	24	simulated	succeeded	19	simulated	192	withdrawn	2026-11-26 15:37:37.741556+00	2026-11-26 15:38:00.903952+00	online	\N	5
351	8	23	12	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
352	8	23	44	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
353	8	23	17	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
354	8	23	40	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
355	8	23	36	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
356	8	23	37	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
357	8	24	49	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
358	8	24	30	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
359	8	24	43	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
360	8	24	13	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
361	8	24	22	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
362	8	24	32	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
363	8	24	41	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
364	8	24	46	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
365	8	24	35	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
366	8	24	31	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
367	8	24	3	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
368	8	24	8	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
369	8	24	7	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
370	8	24	47	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
371	8	24	11	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
372	8	24	16	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
374	8	24	5	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
375	8	24	9	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
376	8	24	38	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
377	8	24	25	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
378	8	24	4	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
379	8	24	19	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
380	8	24	15	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
381	8	24	50	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
382	8	24	24	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
383	8	24	10	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
384	8	24	20	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
385	8	24	18	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
386	8	24	21	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
387	8	24	28	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
388	8	24	6	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
389	8	24	33	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
391	8	24	23	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
392	8	24	29	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
393	8	24	48	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
394	8	24	2	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
395	8	24	27	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
396	8	24	14	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
397	8	24	45	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
398	8	24	34	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
399	8	24	39	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
400	8	24	42	simulated	pending	\N	\N	0	\N	\N	\N	online	\N	\N
373	8	22	26	simulated	pending	22	\N	0	\N	\N	\N	online	\N	\N
390	8	22	1	simulated	pending	22	\N	0	\N	\N	\N	online	\N	\N
\.


--
-- Data for Name: incidents; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.incidents (id, deployment_id, severity, title, opened_by, opened_at, closed_by, closed_at, resolution) FROM stdin;
1	\N	P3	old	tester	2026-11-26 15:38:42.741556+00	\N	\N	\N
\.


--
-- Data for Name: break_glass; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.break_glass (id, deployment_id, incident_id, reason, broken_by, broken_at, confirm_by, confirmed_by, confirmed_at) FROM stdin;
\.


--
-- Data for Name: breakers; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.breakers (connector, state, failures, successes, retry_at, wait_seconds, probe_until) FROM stdin;
simulated	open	5	0	2026-11-26 15:39:05.741556+00	60	\N
\.


--
-- Data for Name: rings; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.rings (id, deployment_id, "position", name, key, state, targeted, excluded, eligible, succeeded, failed, silent, pending, dispatched, waiting, sending, commands, verdict, verdict_code, verdict_reason, waiting_since, dispatched_at, covered_at, finished_at, held_ms, compliant, validation, validation_tries, compliance_times) FROM stdin;
2	1	1	canary	canary	passed	6	0	6	6	0	0	0	6	{}	0	1	pass	passed	6 of 6 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 60.7%	2026-11-26 15:36:00.741556+00	2026-11-26 15:36:00.741556+00	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:04.741556+00	0	6	\N	0	{"online": {"1": 1, "3": 3, "4": 1, "5": 1}}
13	5	0	lab	lab	passed	2	0	2	2	0	0	0	2	{}	0	1	pass	passed	2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%	2026-11-26 15:37:21.741556+00	2026-11-26 15:37:21.741556+00	2026-11-26 15:37:23.741556+00	2026-11-26 15:37:28.741556+00	0	2	validated	1	{"online": {"1": 1, "2": 1}}
18	6	2	lab	lab	pending	2	0	2	0	0	0	2	0	{"simulated/withdraw": 2}	0	0	\N	\N	\N	\N	\N	\N	\N	0	0	\N	0	{}
4	2	0	lab	lab	passed	2	0	2	2	0	0	0	2	{}	0	1	pass	passed	2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%	2026-11-26 15:36:29.741556+00	2026-11-26 15:36:29.741556+00	2026-11-26 15:36:31.741556+00	2026-11-26 15:36:31.741556+00	0	2	\N	0	{"online": {"1": 1, "2": 1}}
15	5	2	pilot	pilot	passed	42	0	42	42	0	0	0	42	{}	0	1	pass	passed	42 of 42 reports succeeded (100.00%), coverage 100.0%	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:36.741556+00	2026-11-26 15:37:36.741556+00	0	42	\N	0	{"online": {"0": 4, "1": 5, "2": 9, "3": 9, "4": 12, "5": 3}}
1	1	0	lab	lab	passed	2	0	2	2	0	0	0	2	{}	0	1	pass	passed	2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%	2026-11-26 15:35:53.741556+00	2026-11-26 15:35:53.741556+00	2026-11-26 15:35:55.741556+00	2026-11-26 15:36:00.741556+00	0	2	validated	1	{"online": {"1": 1, "2": 1}}
3	1	2	pilot	pilot	passed	42	0	42	42	0	0	0	42	{}	0	1	pass	passed	42 of 42 reports succeeded (100.00%), coverage 100.0%	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:08.741556+00	2026-11-26 15:36:08.741556+00	0	42	\N	0	{"online": {"0": 4, "1": 5, "2": 9, "3": 9, "4": 12, "5": 3}}
9	3	2	pilot	pilot	pending	42	0	42	0	0	0	42	0	{"simulated": 42}	0	0	\N	\N	\N	\N	\N	\N	\N	0	0	\N	0	{}
11	4	1	canary	canary	pending	6	0	6	0	0	0	6	0	{"simulated": 6}	0	0	\N	\N	\N	\N	\N	\N	\N	0	0	\N	0	{}
7	3	0	lab	lab	passed	2	0	2	2	0	0	0	2	{}	0	1	pass	passed	2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%	2026-11-26 15:36:39.741556+00	2026-11-26 15:36:39.741556+00	2026-11-26 15:36:41.741556+00	2026-11-26 15:36:46.741556+00	0	2	validated	1	{"online": {"1": 1, "2": 1}}
12	4	2	pilot	pilot	pending	42	0	42	0	0	0	42	0	{"simulated": 42}	0	0	\N	\N	\N	\N	\N	\N	\N	0	0	\N	0	{}
5	2	1	canary	canary	passed	6	0	6	6	0	0	0	6	{}	0	1	pass	passed	6 of 6 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 60.7%	2026-11-26 15:36:31.741556+00	2026-11-26 15:36:31.741556+00	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:35.741556+00	0	6	\N	0	{"online": {"1": 1, "3": 3, "4": 1, "5": 1}}
6	2	2	pilot	pilot	passed	42	0	42	42	0	0	0	42	{}	0	1	pass	passed	42 of 42 reports succeeded (100.00%), coverage 100.0%	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:39.741556+00	2026-11-26 15:36:39.741556+00	0	42	\N	0	{"online": {"0": 4, "1": 5, "2": 9, "3": 9, "4": 12, "5": 3}}
8	3	1	canary	canary	failed	6	0	6	2	4	0	0	6	{}	0	1	fail	error_ceiling	4 of 6 devices failed, more than the ceiling of 20.0%	2026-11-26 15:36:46.741556+00	2026-11-26 15:36:46.741556+00	\N	2026-11-26 15:36:49.741556+00	0	2	\N	0	{"online": {"4": 1, "5": 1}}
14	5	1	canary	canary	passed	6	0	6	6	0	0	0	6	{}	0	1	pass	passed	6 of 6 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 60.7%	2026-11-26 15:37:28.741556+00	2026-11-26 15:37:28.741556+00	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:32.741556+00	0	6	\N	0	{"online": {"1": 1, "3": 3, "4": 1, "5": 1}}
10	4	0	lab	lab	deploying	2	0	2	0	0	0	2	2	{}	0	1	wait	min_reported	0 of 1 devices reported	2026-11-26 15:36:50.741556+00	2026-11-26 15:36:50.741556+00	\N	\N	0	0	\N	0	{}
16	6	0	pilot	pilot	deploying	42	0	42	15	0	0	27	42	{}	0	1	wait	coverage	35.7% of the devices reported, 90.0% needed	2026-11-26 15:37:37.741556+00	2026-11-26 15:37:37.741556+00	\N	\N	0	15	\N	0	{}
17	6	1	canary	canary	pending	6	0	6	0	0	0	6	0	{"simulated/withdraw": 6}	0	0	\N	\N	\N	\N	\N	\N	\N	0	0	\N	0	{}
20	7	1	canary	canary	deploying	6	0	6	0	0	0	6	6	{}	0	1	wait	min_reported	0 of 1 devices reported	2026-11-26 15:38:01.741556+00	2026-11-26 15:38:01.741556+00	\N	\N	0	0	\N	0	{}
21	7	2	pilot	pilot	pending	42	0	42	0	0	0	42	0	{"simulated": 42}	0	0	\N	\N	\N	\N	\N	\N	\N	0	0	\N	0	{}
19	7	0	lab	lab	passed	2	0	2	2	0	0	0	2	{}	0	1	pass	passed	2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%	2026-11-26 15:37:37.741556+00	2026-11-26 15:37:37.741556+00	2026-11-26 15:38:01.741556+00	2026-11-26 15:38:01.741556+00	0	2	\N	0	{"online": {"10": 2}}
22	8	0	lab	lab	deploying	2	0	2	0	0	0	2	0	{}	2	1	wait	min_reported	0 of 1 devices reported	2026-11-26 15:38:02.741556+00	\N	\N	\N	0	0	\N	0	{}
23	8	1	canary	canary	pending	6	0	6	0	0	0	6	0	{"simulated": 6}	0	0	\N	\N	\N	\N	\N	\N	\N	0	0	\N	0	{}
24	8	2	pilot	pilot	pending	42	0	42	0	0	0	42	0	{"simulated": 42}	0	0	\N	\N	\N	\N	\N	\N	\N	0	0	\N	0	{}
\.


--
-- Data for Name: commands; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.commands (id, deployment_id, ring_id, connector, key, size, state, external_ref, cursor, tries, error, attempted_at, confirmed_at, due_at, verb, purpose, release_id, device_id, collected_at) FROM stdin;
1	1	1	simulated	1:lab:publish:1	2	confirmed	1	4	1	\N	2026-11-26 15:35:53.741556+00	2026-11-26 15:35:53.741556+00	\N	publish	rollout	\N	\N	2026-11-26 15:35:55.741556+00
2	1	1	simulated	1:lab:withdrawing:1	1	confirmed	2	1	1	\N	2026-11-26 15:35:55.741556+00	2026-11-26 15:35:55.741556+00	\N	withdraw	validation	\N	26	2026-11-26 15:35:58.741556+00
3	1	1	simulated	1:lab:reinstalling:1	1	confirmed	3	2	1	\N	2026-11-26 15:35:58.741556+00	2026-11-26 15:35:58.741556+00	\N	publish	validation	\N	26	2026-11-26 15:36:00.741556+00
4	1	2	simulated	1:canary:publish:1	6	confirmed	4	12	1	\N	2026-11-26 15:36:00.741556+00	2026-11-26 15:36:00.741556+00	\N	publish	rollout	\N	\N	2026-11-26 15:36:04.741556+00
5	1	3	simulated	1:pilot:publish:1	42	confirmed	5	84	1	\N	2026-11-26 15:36:04.741556+00	2026-11-26 15:36:04.741556+00	\N	publish	rollout	\N	\N	2026-11-26 15:36:08.741556+00
6	2	4	simulated	2:lab:publish:1	2	confirmed	6	4	1	\N	2026-11-26 15:36:29.741556+00	2026-11-26 15:36:29.741556+00	\N	publish	rollout	\N	\N	2026-11-26 15:36:31.741556+00
7	2	5	simulated	2:canary:publish:1	6	confirmed	7	12	1	\N	2026-11-26 15:36:31.741556+00	2026-11-26 15:36:31.741556+00	\N	publish	rollout	\N	\N	2026-11-26 15:36:35.741556+00
8	2	6	simulated	2:pilot:publish:1	42	confirmed	8	84	1	\N	2026-11-26 15:36:35.741556+00	2026-11-26 15:36:35.741556+00	\N	publish	rollout	\N	\N	2026-11-26 15:36:39.741556+00
9	3	7	simulated	3:lab:publish:1	2	confirmed	9	4	1	\N	2026-11-26 15:36:39.741556+00	2026-11-26 15:36:39.741556+00	\N	publish	rollout	\N	\N	2026-11-26 15:36:41.741556+00
10	3	7	simulated	3:lab:withdrawing:1	1	confirmed	10	1	1	\N	2026-11-26 15:36:41.741556+00	2026-11-26 15:36:41.741556+00	\N	withdraw	validation	\N	26	2026-11-26 15:36:44.741556+00
11	3	7	simulated	3:lab:reinstalling:1	1	confirmed	11	2	1	\N	2026-11-26 15:36:44.741556+00	2026-11-26 15:36:44.741556+00	\N	publish	validation	\N	26	2026-11-26 15:36:46.741556+00
13	4	10	simulated	4:lab:publish:1	2	confirmed	13	0	1	\N	2026-11-26 15:36:50.741556+00	2026-11-26 15:36:50.741556+00	\N	publish	rollout	\N	\N	2026-11-26 15:36:51.741556+00
12	3	8	simulated	3:canary:publish:1	6	confirmed	12	12	1	\N	2026-11-26 15:36:46.741556+00	2026-11-26 15:36:46.741556+00	\N	publish	rollout	\N	\N	2026-11-26 15:37:21.741556+00
14	5	13	simulated	5:lab:publish:1	2	confirmed	14	4	1	\N	2026-11-26 15:37:21.741556+00	2026-11-26 15:37:21.741556+00	\N	publish	rollout	\N	\N	2026-11-26 15:37:23.741556+00
15	5	13	simulated	5:lab:withdrawing:1	1	confirmed	15	1	1	\N	2026-11-26 15:37:23.741556+00	2026-11-26 15:37:23.741556+00	\N	withdraw	validation	\N	26	2026-11-26 15:37:26.741556+00
16	5	13	simulated	5:lab:reinstalling:1	1	confirmed	16	2	1	\N	2026-11-26 15:37:26.741556+00	2026-11-26 15:37:26.741556+00	\N	publish	validation	\N	26	2026-11-26 15:37:28.741556+00
17	5	14	simulated	5:canary:publish:1	6	confirmed	17	12	1	\N	2026-11-26 15:37:28.741556+00	2026-11-26 15:37:28.741556+00	\N	publish	rollout	\N	\N	2026-11-26 15:37:32.741556+00
18	5	15	simulated	5:pilot:publish:1	42	confirmed	18	84	1	\N	2026-11-26 15:37:32.741556+00	2026-11-26 15:37:32.741556+00	\N	publish	rollout	\N	\N	2026-11-26 15:37:36.741556+00
20	7	19	simulated	7:lab:publish:1	2	confirmed	20	4	1	\N	2026-11-26 15:37:37.741556+00	2026-11-26 15:37:37.741556+00	\N	publish	rollout	\N	\N	2026-11-26 15:38:01.741556+00
19	6	16	simulated	6:pilot:withdraw:1	42	confirmed	19	15	1	\N	2026-11-26 15:37:37.741556+00	2026-11-26 15:37:37.741556+00	2026-11-26 15:38:42.741556+00	withdraw	rollout	\N	\N	2026-11-26 15:38:01.741556+00
21	7	20	simulated	7:canary:publish:1	6	confirmed	21	0	1	\N	2026-11-26 15:38:01.741556+00	2026-11-26 15:38:01.741556+00	2026-11-26 15:38:42.741556+00	publish	rollout	\N	\N	\N
22	8	22	simulated	8:lab:publish:1	2	retry_wait	\N	0	6	breaker: no call to simulated until 2026-11-26 15:39:05 UTC	2026-11-26 15:38:33.741556+00	\N	2026-11-26 15:39:05.741556+00	publish	rollout	\N	\N	\N
\.


--
-- Data for Name: devices; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.devices (id, external_id, platform, connector, site_class, business_unit, tags, criticality, bucket, registered_at, retired_at, changed_at) FROM stdin;
1	dev-00000	windows	simulated	online		{lab}	normal	7286	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
2	dev-00001	windows	simulated	online		{}	normal	7962	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
3	dev-00002	windows	simulated	online		{}	normal	3383	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
4	dev-00003	windows	simulated	online		{}	normal	5498	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
5	dev-00004	windows	simulated	online		{}	normal	4509	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
6	dev-00005	windows	simulated	online		{}	normal	7135	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
7	dev-00006	windows	simulated	online		{}	normal	3491	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
8	dev-00007	windows	simulated	online		{}	normal	3438	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
9	dev-00008	windows	simulated	online		{}	normal	4548	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
10	dev-00009	windows	simulated	online		{}	normal	6395	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
11	dev-00010	windows	simulated	online		{}	normal	3760	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
12	dev-00011	windows	simulated	online		{}	normal	1248	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
13	dev-00012	windows	simulated	online		{}	normal	2393	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
14	dev-00013	windows	simulated	online		{}	normal	8117	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
15	dev-00014	windows	simulated	online		{}	normal	5807	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
16	dev-00015	windows	simulated	online		{}	normal	3899	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
17	dev-00016	windows	simulated	online		{}	normal	1268	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
18	dev-00017	windows	simulated	online		{}	normal	6876	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
19	dev-00018	windows	simulated	online		{}	normal	5521	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
20	dev-00019	windows	simulated	online		{}	normal	6520	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
21	dev-00020	windows	simulated	online		{}	normal	6937	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
22	dev-00021	windows	simulated	online		{}	normal	2455	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
23	dev-00022	windows	simulated	online		{}	normal	7405	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
24	dev-00023	windows	simulated	online		{}	normal	6013	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
25	dev-00024	windows	simulated	online		{}	normal	5318	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
26	dev-00025	windows	simulated	online		{lab}	normal	4300	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
27	dev-00026	windows	simulated	online		{}	normal	8020	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
28	dev-00027	windows	simulated	online		{}	normal	7060	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
29	dev-00028	windows	simulated	online		{}	normal	7732	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
30	dev-00029	windows	simulated	online		{}	normal	2054	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
31	dev-00030	windows	simulated	online		{}	normal	3012	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
32	dev-00031	windows	simulated	online		{}	normal	2459	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
33	dev-00032	windows	simulated	online		{}	normal	7172	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
34	dev-00033	windows	simulated	online		{}	normal	9200	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
35	dev-00034	windows	simulated	online		{}	normal	2784	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
36	dev-00035	windows	simulated	online		{}	normal	1567	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
37	dev-00036	windows	simulated	online		{}	normal	1913	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
38	dev-00037	windows	simulated	online		{}	normal	4707	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
39	dev-00038	windows	simulated	online		{}	normal	9348	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
40	dev-00039	windows	simulated	online		{}	normal	1535	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
41	dev-00040	windows	simulated	online		{}	normal	2717	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
42	dev-00041	windows	simulated	online		{}	normal	9436	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
43	dev-00042	windows	simulated	online		{}	normal	2318	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
44	dev-00043	windows	simulated	online		{}	normal	1251	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
45	dev-00044	windows	simulated	online		{}	normal	8350	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
46	dev-00045	windows	simulated	online		{}	normal	2764	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
47	dev-00046	windows	simulated	online		{}	normal	3499	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
48	dev-00047	windows	simulated	online		{}	normal	7768	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
49	dev-00048	windows	simulated	online		{}	normal	2011	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
50	dev-00049	windows	simulated	online		{}	normal	5850	2026-11-26 15:35:53.741556+00	\N	2026-11-26 15:35:53.741556+00
\.


--
-- Data for Name: drift_findings; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.drift_findings (id, device_id, application_id, deployment_id, ring, kind, expected, found, state, tries, next_try_at, found_at, seen_at, resolved_at) FROM stdin;
\.


--
-- Data for Name: event_cursors; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.event_cursors (follower, event_id) FROM stdin;
\.


--
-- Data for Name: event_totals; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.event_totals (series, total) FROM stdin;
\.


--
-- Data for Name: events; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.events (id, at, type, actor, deployment_id, payload, previous_hash, hash) FROM stdin;
1	2026-11-26 15:35:53.741556+00	devices.registered	tester	\N	{"tallies": [{"count": 50, "result": "created", "connector": "simulated"}]}	\\x0000000000000000000000000000000000000000000000000000000000000000	\\x802e159e5ecce74f75dee5735c12618589d8c4754c7e8ec043f828844427bd76
2	2026-11-26 15:35:53.741556+00	ring_plan.changed	tester	\N	{"name": "quick", "rings": [{"tag": "lab", "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": true}, "name": "lab", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "canary", "share": 20.0, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "pilot", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}], "version": 1, "windows": [], "rotation": 0, "silent_after": {"online": 86400, "air_gapped": 604800, "intermittent": 259200}}	\\x802e159e5ecce74f75dee5735c12618589d8c4754c7e8ec043f828844427bd76	\\xe8f43a1c4c3960e92092803761fddcc80dc98edd757a83a2a6b31fd24c694ed8
3	2026-11-26 15:35:53.741556+00	ring_plan.changed	tester	\N	{"name": "paced", "rings": [{"tag": "lab", "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "lab", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 60, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "canary", "share": 20.0, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "pilot", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}], "version": 1, "windows": [], "rotation": 0, "silent_after": {"online": 86400, "air_gapped": 604800, "intermittent": 259200}}	\\xe8f43a1c4c3960e92092803761fddcc80dc98edd757a83a2a6b31fd24c694ed8	\\x15a367c9796717f4678c1cb03bb8412492d3ab3a1b029fcbe6985f61f632702a
4	2026-11-26 15:35:53.741556+00	ring_plan.changed	tester	\N	{"name": "patient", "rings": [{"tag": "lab", "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": 30, "validates_rollback": false}, "name": "lab", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": 30, "validates_rollback": false}, "name": "canary", "share": 20.0, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "pilot", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}], "version": 1, "windows": [], "rotation": 0, "silent_after": {"online": 86400, "air_gapped": 604800, "intermittent": 259200}}	\\x15a367c9796717f4678c1cb03bb8412492d3ab3a1b029fcbe6985f61f632702a	\\x4161a28f9e4ee9969cfc3d6835952759186e63497e759bc7d7ba7642b3a9c2f5
5	2026-11-26 15:35:53.741556+00	deployment.created	tester	1	{"kind": "rollout", "reason": "requested", "version": "1.0", "application": "vpn", "application_label": "_other"}	\\x4161a28f9e4ee9969cfc3d6835952759186e63497e759bc7d7ba7642b3a9c2f5	\\x508176f222e48be51a4fb5ba3fb7c3d677936d4e927b0267aea693fe55b30587
6	2026-11-26 15:35:53.741556+00	deployment.assessed	system	1	{"kind": "rollout", "score": 16.0, "reason": "requested", "devices": 50, "blast_class": "under_100", "needs_approval": false, "application_label": "_other"}	\\x508176f222e48be51a4fb5ba3fb7c3d677936d4e927b0267aea693fe55b30587	\\xacac2b7c886846a970880fa877afbb384d7d5f5e53ad4a1675ebb20dc7168d2d
7	2026-11-26 15:35:53.741556+00	deployment.planned	system	1	{"kind": "rollout", "rings": {"lab": 2, "pilot": 42, "canary": 6}, "reason": "planned", "devices": 50, "application_label": "_other"}	\\xacac2b7c886846a970880fa877afbb384d7d5f5e53ad4a1675ebb20dc7168d2d	\\x5c201c07bdfb4efe5c4c31f28094ea5769b66f7c6ce3cd1ff2c3f9d8872a5673
8	2026-11-26 15:35:53.741556+00	ring.started	system	1	{"kind": "rollout", "ring": "lab", "reason": "planned", "application_label": "_other"}	\\x5c201c07bdfb4efe5c4c31f28094ea5769b66f7c6ce3cd1ff2c3f9d8872a5673	\\xe1778a14e91d052ecd6f6e28d40b891bc97e466d2078e2076cd599823d9a53b4
9	2026-11-26 15:35:53.741556+00	gate.evaluated	system	1	{"code": "min_reported", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "wait", "sentence": "0 of 1 devices reported", "application_label": "_other"}	\\xe1778a14e91d052ecd6f6e28d40b891bc97e466d2078e2076cd599823d9a53b4	\\xa18cdab05cf98724fc1329d7985923c4915448a6589a75f03eff4978852628e0
10	2026-11-26 15:35:53.741556+00	command.confirmed	system	1	{"key": "1:lab:publish:1", "kind": "rollout", "ring": "lab", "reason": "planned", "devices": 2, "connector": "simulated", "application_label": "_other"}	\\xa18cdab05cf98724fc1329d7985923c4915448a6589a75f03eff4978852628e0	\\x0bd6af236d14a25d397fe744d6c6c1eef30128dd0f4d26e4a700ce1269cf9786
11	2026-11-26 15:35:54.741556+00	reports.ingested	connector:simulated	1	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "lab", "count": 2, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}], "received": 2, "rejected": 0, "duplicate": 0, "compliance": []}	\\x0bd6af236d14a25d397fe744d6c6c1eef30128dd0f4d26e4a700ce1269cf9786	\\x38caf9452971ab20d3dd3fb2657415d2d9ed275965937aff0441ef4c4c02e5b0
12	2026-11-26 15:35:55.741556+00	reports.ingested	connector:simulated	1	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "lab", "count": 2, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 2, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "lab", "count": 2, "result": "in_time", "site_class": "online"}]}	\\x38caf9452971ab20d3dd3fb2657415d2d9ed275965937aff0441ef4c4c02e5b0	\\x8b77e8aacc92aca6cfb485c7450961072a785458fb575632743264f418549dea
13	2026-11-26 15:35:55.741556+00	ring.soaking	system	1	{"kind": "rollout", "ring": "lab", "reason": "planned", "application_label": "_other"}	\\x8b77e8aacc92aca6cfb485c7450961072a785458fb575632743264f418549dea	\\x9a41e63d78e372585afb80cdc42e11f6d202e82ed45d799fa8fc6449551bf4cf
14	2026-11-26 15:35:55.741556+00	validation.began	system	1	{"kind": "rollout", "ring": "lab", "verb": "withdraw", "reason": "planned", "device_id": 26, "application_label": "_other"}	\\x9a41e63d78e372585afb80cdc42e11f6d202e82ed45d799fa8fc6449551bf4cf	\\xe20879d5de7af71a0cdddd7d9c773ba98f2c3e12911d7d812dffc1a16eff5666
15	2026-11-26 15:35:55.741556+00	gate.evaluated	system	1	{"code": "rollback_validation", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "wait", "sentence": "no device has been rolled back and installed again yet", "application_label": "_other"}	\\xe20879d5de7af71a0cdddd7d9c773ba98f2c3e12911d7d812dffc1a16eff5666	\\x18269e800047c9be13a69989c64e40036edb4633736ffd6338c994867cd26ab8
16	2026-11-26 15:36:00.741556+00	validation.passed	connector:simulated	1	{"kind": "rollout", "ring": "lab", "reason": "planned", "device_id": 26, "application_label": "_other"}	\\x18269e800047c9be13a69989c64e40036edb4633736ffd6338c994867cd26ab8	\\x0cca0b512ced52d31cdefc86425976457f0d10a098002418af1e7bb12538c349
17	2026-11-26 15:36:00.741556+00	gate.evaluated	system	1	{"code": "passed", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "pass", "sentence": "2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%", "application_label": "_other"}	\\x0cca0b512ced52d31cdefc86425976457f0d10a098002418af1e7bb12538c349	\\x9ba48cf1b02b0c7161686ec840655b5f590c58fc10bdb337f7db51db05b55160
18	2026-11-26 15:36:00.741556+00	ring.passed	system	1	{"kind": "rollout", "ring": "lab", "reason": "planned", "next_ring": "canary", "duration_ms": 2000, "application_label": "_other"}	\\x9ba48cf1b02b0c7161686ec840655b5f590c58fc10bdb337f7db51db05b55160	\\x9d366ccfde04531cced2f95c119f56730701bd973de9289d3b5a9ef14cac7212
19	2026-11-26 15:36:00.741556+00	ring.started	system	1	{"kind": "rollout", "ring": "canary", "reason": "planned", "application_label": "_other"}	\\x9d366ccfde04531cced2f95c119f56730701bd973de9289d3b5a9ef14cac7212	\\x39cba652209b69ce6ac66f1eac619aa9d6fc6a0b291e03d9af47e287f1d8b8b8
20	2026-11-26 15:36:00.741556+00	gate.evaluated	system	1	{"code": "min_reported", "kind": "rollout", "ring": "canary", "reason": "planned", "verdict": "wait", "sentence": "0 of 1 devices reported", "application_label": "_other"}	\\x39cba652209b69ce6ac66f1eac619aa9d6fc6a0b291e03d9af47e287f1d8b8b8	\\x182ab17b45e238056f1a1ce651e7f886594c1dacbd5b4afb31446f49c53945cd
21	2026-11-26 15:36:00.741556+00	command.confirmed	system	1	{"key": "1:canary:publish:1", "kind": "rollout", "ring": "canary", "reason": "planned", "devices": 6, "connector": "simulated", "application_label": "_other"}	\\x182ab17b45e238056f1a1ce651e7f886594c1dacbd5b4afb31446f49c53945cd	\\x41fea1448ab2953ea5a82e035d6aaea21de8fe28efc26c47c4a62f4135a70683
22	2026-11-26 15:36:01.741556+00	reports.ingested	connector:simulated	1	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "canary", "count": 4, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}], "received": 4, "rejected": 0, "duplicate": 0, "compliance": []}	\\x41fea1448ab2953ea5a82e035d6aaea21de8fe28efc26c47c4a62f4135a70683	\\xc2b589f4448be36679dbc8ff7ecd7ab4f5bcc84d1b949a6e44d6cf85d87b4b13
23	2026-11-26 15:36:02.741556+00	reports.ingested	connector:simulated	1	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "canary", "count": 2, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}, {"kind": "rollout", "ring": "canary", "count": 1, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 3, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "canary", "count": 1, "result": "in_time", "site_class": "online"}]}	\\xc2b589f4448be36679dbc8ff7ecd7ab4f5bcc84d1b949a6e44d6cf85d87b4b13	\\x415cfa1a4d86d9098c3d66d686a9db8dfe3905f06bfd24bd7067dea87e972f58
24	2026-11-26 15:36:02.741556+00	gate.evaluated	system	1	{"code": "coverage", "kind": "rollout", "ring": "canary", "reason": "planned", "verdict": "wait", "sentence": "16.7% of the devices reported, 90.0% needed", "application_label": "_other"}	\\x415cfa1a4d86d9098c3d66d686a9db8dfe3905f06bfd24bd7067dea87e972f58	\\x9f7af9da6c0eee25930ff633759d4675bb135ee2a1597eb82d232c550ddd07ec
25	2026-11-26 15:36:03.741556+00	reports.ingested	connector:simulated	1	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "canary", "count": 3, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 3, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "canary", "count": 3, "result": "in_time", "site_class": "online"}]}	\\x9f7af9da6c0eee25930ff633759d4675bb135ee2a1597eb82d232c550ddd07ec	\\x41ca0a13ef02dc63c735db7fa9c827b188eb4c5299de0f4db12501c48ee91af2
26	2026-11-26 15:36:04.741556+00	reports.ingested	connector:simulated	1	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "canary", "count": 2, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 2, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "canary", "count": 2, "result": "in_time", "site_class": "online"}]}	\\x41ca0a13ef02dc63c735db7fa9c827b188eb4c5299de0f4db12501c48ee91af2	\\x4f0fcd37faf2b15c0d816184d7814569042be907017230806f78ea0a224c495a
27	2026-11-26 15:36:04.741556+00	ring.soaking	system	1	{"kind": "rollout", "ring": "canary", "reason": "planned", "application_label": "_other"}	\\x4f0fcd37faf2b15c0d816184d7814569042be907017230806f78ea0a224c495a	\\x3a8f295e02a460211d1a7ec9ede2ff9e33b3d6a397bafeb8b47f0eca32594bce
28	2026-11-26 15:36:04.741556+00	gate.evaluated	system	1	{"code": "passed", "kind": "rollout", "ring": "canary", "reason": "planned", "verdict": "pass", "sentence": "6 of 6 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 60.7%", "application_label": "_other"}	\\x3a8f295e02a460211d1a7ec9ede2ff9e33b3d6a397bafeb8b47f0eca32594bce	\\x1cd9793439abbba15cbed64eea10a8949b8df205c21814b04f076cfdbe9ad42a
29	2026-11-26 15:36:04.741556+00	ring.passed	system	1	{"kind": "rollout", "ring": "canary", "reason": "planned", "next_ring": "pilot", "duration_ms": 4000, "application_label": "_other"}	\\x1cd9793439abbba15cbed64eea10a8949b8df205c21814b04f076cfdbe9ad42a	\\x93a3e3effa924637110ee782b29dbac097ef0dfcf591c70032569f37aa0d44f5
30	2026-11-26 15:36:04.741556+00	ring.started	system	1	{"kind": "rollout", "ring": "pilot", "reason": "planned", "application_label": "_other"}	\\x93a3e3effa924637110ee782b29dbac097ef0dfcf591c70032569f37aa0d44f5	\\x1460421a81cc63dfa4ce376e9e8bb4144cb50d1ed7c3689b8894c8a4e8f9c20e
31	2026-11-26 15:36:04.741556+00	gate.evaluated	system	1	{"code": "min_reported", "kind": "rollout", "ring": "pilot", "reason": "planned", "verdict": "wait", "sentence": "0 of 1 devices reported", "application_label": "_other"}	\\x1460421a81cc63dfa4ce376e9e8bb4144cb50d1ed7c3689b8894c8a4e8f9c20e	\\x7dde824ec49df5220cf52baac63e535723ef244571890659a4c51b94e25826ed
32	2026-11-26 15:36:04.741556+00	command.confirmed	system	1	{"key": "1:pilot:publish:1", "kind": "rollout", "ring": "pilot", "reason": "planned", "devices": 42, "connector": "simulated", "application_label": "_other"}	\\x7dde824ec49df5220cf52baac63e535723ef244571890659a4c51b94e25826ed	\\x8f5d345f3067445fb5ffefc225681283ab55fa4abc5a2c189acbc38db1ad547c
54	2026-11-26 15:36:31.741556+00	gate.evaluated	system	2	{"code": "min_reported", "kind": "rollout", "ring": "canary", "reason": "planned", "verdict": "wait", "sentence": "0 of 1 devices reported", "application_label": "_other"}	\\xd122626a0833ef7ff05762336802455c6a43083a634cd08c259dbbc19e617bf9	\\xbd84eb88c2bd9bc86ebdb1ed90bcc1857009d189f703ceec8946b3381875d8e0
33	2026-11-26 15:36:05.741556+00	reports.ingested	connector:simulated	1	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "pilot", "count": 19, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}, {"kind": "rollout", "ring": "pilot", "count": 4, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 27, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "pilot", "count": 4, "result": "in_time", "site_class": "online"}]}	\\x8f5d345f3067445fb5ffefc225681283ab55fa4abc5a2c189acbc38db1ad547c	\\x5e69d544d30802d4acf36d27d1eccaf17557f93d81acca987c8f9838c1a796f0
34	2026-11-26 15:36:05.741556+00	gate.evaluated	system	1	{"code": "coverage", "kind": "rollout", "ring": "pilot", "reason": "planned", "verdict": "wait", "sentence": "9.5% of the devices reported, 90.0% needed", "application_label": "_other"}	\\x5e69d544d30802d4acf36d27d1eccaf17557f93d81acca987c8f9838c1a796f0	\\x3b84d5ba6173156575348d612e5ada711d41deb394375255fa54346f0b7d9315
35	2026-11-26 15:36:06.741556+00	reports.ingested	connector:simulated	1	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "pilot", "count": 19, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}, {"kind": "rollout", "ring": "pilot", "count": 15, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 34, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "pilot", "count": 15, "result": "in_time", "site_class": "online"}]}	\\x3b84d5ba6173156575348d612e5ada711d41deb394375255fa54346f0b7d9315	\\x83febdcab617e310a19334c8b2c709ee0de44618c226a29e5571ba4a9c81c251
36	2026-11-26 15:36:07.741556+00	reports.ingested	connector:simulated	1	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "pilot", "count": 9, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 9, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "pilot", "count": 9, "result": "in_time", "site_class": "online"}]}	\\x83febdcab617e310a19334c8b2c709ee0de44618c226a29e5571ba4a9c81c251	\\x8fc03cc703fdf06134102e0df35fbf49b0557cd2f0220fc1ae83d60ffb660689
37	2026-11-26 15:36:08.741556+00	reports.ingested	connector:simulated	1	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "pilot", "count": 14, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 14, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "pilot", "count": 14, "result": "in_time", "site_class": "online"}]}	\\x8fc03cc703fdf06134102e0df35fbf49b0557cd2f0220fc1ae83d60ffb660689	\\xc6a83a3dc09b70790ea7d0ac1894f19ccf58ec460ff7e4e691aa0020d73e8b94
38	2026-11-26 15:36:08.741556+00	ring.soaking	system	1	{"kind": "rollout", "ring": "pilot", "reason": "planned", "application_label": "_other"}	\\xc6a83a3dc09b70790ea7d0ac1894f19ccf58ec460ff7e4e691aa0020d73e8b94	\\x475cc3f3b3b0d18be8dbae20002e6e80c959bae1d2978eb9f32331a5a292b9ed
39	2026-11-26 15:36:08.741556+00	gate.evaluated	system	1	{"code": "passed", "kind": "rollout", "ring": "pilot", "reason": "planned", "verdict": "pass", "sentence": "42 of 42 reports succeeded (100.00%), coverage 100.0%", "application_label": "_other"}	\\x475cc3f3b3b0d18be8dbae20002e6e80c959bae1d2978eb9f32331a5a292b9ed	\\xd5bdc6bafc6ab499e4c085abeeb042fcbfbe3b1451e1f0787eb8050211af607b
40	2026-11-26 15:36:08.741556+00	ring.passed	system	1	{"kind": "rollout", "ring": "pilot", "reason": "planned", "next_ring": null, "duration_ms": 4000, "application_label": "_other"}	\\xd5bdc6bafc6ab499e4c085abeeb042fcbfbe3b1451e1f0787eb8050211af607b	\\x4bd72c3d4f6b87229d57cb5b8e56b3ee8902f703084553ccdd072d3215cfef20
41	2026-11-26 15:36:08.741556+00	deployment.completed	system	1	{"kind": "rollout", "reason": "all_rings_over", "application_label": "_other"}	\\x4bd72c3d4f6b87229d57cb5b8e56b3ee8902f703084553ccdd072d3215cfef20	\\xf4a5be93e927fd4d90f199a73d9ab9c96e2599b5577f37eecfc2a3c9a1ffc38f
42	2026-11-26 15:36:29.741556+00	deployment.created	tester	2	{"kind": "rollout", "reason": "requested", "version": "1.0", "application": "agent", "application_label": "_other"}	\\xf4a5be93e927fd4d90f199a73d9ab9c96e2599b5577f37eecfc2a3c9a1ffc38f	\\xbb5220c5169763390f2ca43fab3236df97e4b2455ee84b04b20067cda8f03de2
43	2026-11-26 15:36:29.741556+00	deployment.assessed	system	2	{"kind": "rollout", "score": 16.0, "reason": "requested", "devices": 50, "blast_class": "under_100", "needs_approval": false, "application_label": "_other"}	\\xbb5220c5169763390f2ca43fab3236df97e4b2455ee84b04b20067cda8f03de2	\\xa8cb875c3702966b5cd88e6be3229a0e19514171509bf81f5633561dae0634a3
44	2026-11-26 15:36:29.741556+00	deployment.planned	system	2	{"kind": "rollout", "rings": {"lab": 2, "pilot": 42, "canary": 6}, "reason": "planned", "devices": 50, "application_label": "_other"}	\\xa8cb875c3702966b5cd88e6be3229a0e19514171509bf81f5633561dae0634a3	\\xbf6869bcd68f8658477661cb378056fc201c8ec48e8cbc7fc78718e014a2748c
45	2026-11-26 15:36:29.741556+00	ring.started	system	2	{"kind": "rollout", "ring": "lab", "reason": "planned", "application_label": "_other"}	\\xbf6869bcd68f8658477661cb378056fc201c8ec48e8cbc7fc78718e014a2748c	\\xa5653db681236205f0df5216e5f457d443ffb6e27321415924291d45d1729762
46	2026-11-26 15:36:29.741556+00	gate.evaluated	system	2	{"code": "min_reported", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "wait", "sentence": "0 of 1 devices reported", "application_label": "_other"}	\\xa5653db681236205f0df5216e5f457d443ffb6e27321415924291d45d1729762	\\xdf12222612fe402bf557b625a0636dcfefdb457c5b9b2b0926025edad9fa9713
47	2026-11-26 15:36:29.741556+00	command.confirmed	system	2	{"key": "2:lab:publish:1", "kind": "rollout", "ring": "lab", "reason": "planned", "devices": 2, "connector": "simulated", "application_label": "_other"}	\\xdf12222612fe402bf557b625a0636dcfefdb457c5b9b2b0926025edad9fa9713	\\x931c0ba8492e46d3886962c7d1a91c83cf5b1e0f4307d8b9b1f6be925b929ff6
48	2026-11-26 15:36:30.741556+00	reports.ingested	connector:simulated	2	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "lab", "count": 2, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}], "received": 2, "rejected": 0, "duplicate": 0, "compliance": []}	\\x931c0ba8492e46d3886962c7d1a91c83cf5b1e0f4307d8b9b1f6be925b929ff6	\\xb5712bf8a0350353cfdf391091b662ea0c4c77035e13fe6454cbf1454e00310e
49	2026-11-26 15:36:31.741556+00	reports.ingested	connector:simulated	2	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "lab", "count": 2, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 2, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "lab", "count": 2, "result": "in_time", "site_class": "online"}]}	\\xb5712bf8a0350353cfdf391091b662ea0c4c77035e13fe6454cbf1454e00310e	\\x4e322e26ff6ef03ae25c24f68ce27aff3fdc0c7880343a6a958db811cf7d1ee6
50	2026-11-26 15:36:31.741556+00	ring.soaking	system	2	{"kind": "rollout", "ring": "lab", "reason": "planned", "application_label": "_other"}	\\x4e322e26ff6ef03ae25c24f68ce27aff3fdc0c7880343a6a958db811cf7d1ee6	\\xa75949f3f0b75c3383cc7de5c346bb8f00d17bf2fe7cd5f77fb3eaa5f232b10c
51	2026-11-26 15:36:31.741556+00	gate.evaluated	system	2	{"code": "passed", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "pass", "sentence": "2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%", "application_label": "_other"}	\\xa75949f3f0b75c3383cc7de5c346bb8f00d17bf2fe7cd5f77fb3eaa5f232b10c	\\x99ed0f7ce370a2e17dfebf6ece4cee310a3ccd365535b2ea19899ce85d2750ae
52	2026-11-26 15:36:31.741556+00	ring.passed	system	2	{"kind": "rollout", "ring": "lab", "reason": "planned", "next_ring": "canary", "duration_ms": 2000, "application_label": "_other"}	\\x99ed0f7ce370a2e17dfebf6ece4cee310a3ccd365535b2ea19899ce85d2750ae	\\x9dfc9d198761eedfa5841e01adfe34a06e0c4ee8be545ae83d98963df352d614
53	2026-11-26 15:36:31.741556+00	ring.started	system	2	{"kind": "rollout", "ring": "canary", "reason": "planned", "application_label": "_other"}	\\x9dfc9d198761eedfa5841e01adfe34a06e0c4ee8be545ae83d98963df352d614	\\xd122626a0833ef7ff05762336802455c6a43083a634cd08c259dbbc19e617bf9
55	2026-11-26 15:36:31.741556+00	command.confirmed	system	2	{"key": "2:canary:publish:1", "kind": "rollout", "ring": "canary", "reason": "planned", "devices": 6, "connector": "simulated", "application_label": "_other"}	\\xbd84eb88c2bd9bc86ebdb1ed90bcc1857009d189f703ceec8946b3381875d8e0	\\x87f6da3877b4268b86098cb9d6f18175bf40a83877694791a5115c5d48bb22cf
56	2026-11-26 15:36:32.741556+00	reports.ingested	connector:simulated	2	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "canary", "count": 4, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}], "received": 4, "rejected": 0, "duplicate": 0, "compliance": []}	\\x87f6da3877b4268b86098cb9d6f18175bf40a83877694791a5115c5d48bb22cf	\\x3786824c72801bc9ef91d156dab4fc80bbc17b3cf495db29b72eb52eea7b50ab
57	2026-11-26 15:36:33.741556+00	reports.ingested	connector:simulated	2	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "canary", "count": 2, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}, {"kind": "rollout", "ring": "canary", "count": 1, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 3, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "canary", "count": 1, "result": "in_time", "site_class": "online"}]}	\\x3786824c72801bc9ef91d156dab4fc80bbc17b3cf495db29b72eb52eea7b50ab	\\xcee9d3f303bf1b70262e8f4b64a353e4641573225752e9f517c5cd245a10154e
58	2026-11-26 15:36:33.741556+00	gate.evaluated	system	2	{"code": "coverage", "kind": "rollout", "ring": "canary", "reason": "planned", "verdict": "wait", "sentence": "16.7% of the devices reported, 90.0% needed", "application_label": "_other"}	\\xcee9d3f303bf1b70262e8f4b64a353e4641573225752e9f517c5cd245a10154e	\\xe86705cb8d32854f1a03a51cf9ed2aaa878c04f945c620a473bcbe982cb9f0c1
59	2026-11-26 15:36:34.741556+00	reports.ingested	connector:simulated	2	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "canary", "count": 3, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 3, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "canary", "count": 3, "result": "in_time", "site_class": "online"}]}	\\xe86705cb8d32854f1a03a51cf9ed2aaa878c04f945c620a473bcbe982cb9f0c1	\\x1e5151cfb371f67caecb53c3ce9203de37f653a0e8d01265d74e0d21ad03d069
60	2026-11-26 15:36:35.741556+00	reports.ingested	connector:simulated	2	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "canary", "count": 2, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 2, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "canary", "count": 2, "result": "in_time", "site_class": "online"}]}	\\x1e5151cfb371f67caecb53c3ce9203de37f653a0e8d01265d74e0d21ad03d069	\\xc0e26b53a4f68f2ee5528093058b80140ffe26eb429ba2186513b81e558bdff7
61	2026-11-26 15:36:35.741556+00	ring.soaking	system	2	{"kind": "rollout", "ring": "canary", "reason": "planned", "application_label": "_other"}	\\xc0e26b53a4f68f2ee5528093058b80140ffe26eb429ba2186513b81e558bdff7	\\xc9f67a6c7254387882968e33ba0797ea29f6ab72891ed5a74c0dfeb6eb4f0cc7
62	2026-11-26 15:36:35.741556+00	gate.evaluated	system	2	{"code": "passed", "kind": "rollout", "ring": "canary", "reason": "planned", "verdict": "pass", "sentence": "6 of 6 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 60.7%", "application_label": "_other"}	\\xc9f67a6c7254387882968e33ba0797ea29f6ab72891ed5a74c0dfeb6eb4f0cc7	\\x9cd960327695eac7ae822629bf195674ea144f9f6b114ee0542d74381e72e42a
63	2026-11-26 15:36:35.741556+00	ring.passed	system	2	{"kind": "rollout", "ring": "canary", "reason": "planned", "next_ring": "pilot", "duration_ms": 4000, "application_label": "_other"}	\\x9cd960327695eac7ae822629bf195674ea144f9f6b114ee0542d74381e72e42a	\\xa9ded48a7563fe181a1acc103d80d8a4b5ac76c260c70589c6033be136883785
64	2026-11-26 15:36:35.741556+00	ring.started	system	2	{"kind": "rollout", "ring": "pilot", "reason": "planned", "application_label": "_other"}	\\xa9ded48a7563fe181a1acc103d80d8a4b5ac76c260c70589c6033be136883785	\\x1327b8fc9e01ae8e97c0b30992951c5d7413ab94d47d665816b9d041fb98000a
65	2026-11-26 15:36:35.741556+00	gate.evaluated	system	2	{"code": "min_reported", "kind": "rollout", "ring": "pilot", "reason": "planned", "verdict": "wait", "sentence": "0 of 1 devices reported", "application_label": "_other"}	\\x1327b8fc9e01ae8e97c0b30992951c5d7413ab94d47d665816b9d041fb98000a	\\xccc63e4a08ffbefdf6a0800ad90a190e103320bdb3f5090e74bc77dd28d528a9
66	2026-11-26 15:36:35.741556+00	command.confirmed	system	2	{"key": "2:pilot:publish:1", "kind": "rollout", "ring": "pilot", "reason": "planned", "devices": 42, "connector": "simulated", "application_label": "_other"}	\\xccc63e4a08ffbefdf6a0800ad90a190e103320bdb3f5090e74bc77dd28d528a9	\\x512677064104432e2aa30579c3f0c83819285953545122c0d795b34e8d570a89
67	2026-11-26 15:36:36.741556+00	reports.ingested	connector:simulated	2	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "pilot", "count": 19, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}, {"kind": "rollout", "ring": "pilot", "count": 4, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 27, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "pilot", "count": 4, "result": "in_time", "site_class": "online"}]}	\\x512677064104432e2aa30579c3f0c83819285953545122c0d795b34e8d570a89	\\x5ed4954235f209594ecdd19c5cc46ef868ea665f79c30867d100db52cb7f7bbf
68	2026-11-26 15:36:36.741556+00	gate.evaluated	system	2	{"code": "coverage", "kind": "rollout", "ring": "pilot", "reason": "planned", "verdict": "wait", "sentence": "9.5% of the devices reported, 90.0% needed", "application_label": "_other"}	\\x5ed4954235f209594ecdd19c5cc46ef868ea665f79c30867d100db52cb7f7bbf	\\x3678d2cd7c712b09e1274b8a4bc331f1a999a8aa09062172221cf1731fdfaa76
69	2026-11-26 15:36:37.741556+00	reports.ingested	connector:simulated	2	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "pilot", "count": 19, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}, {"kind": "rollout", "ring": "pilot", "count": 15, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 34, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "pilot", "count": 15, "result": "in_time", "site_class": "online"}]}	\\x3678d2cd7c712b09e1274b8a4bc331f1a999a8aa09062172221cf1731fdfaa76	\\xeb9749dd5468c79dc75575de3d39bddc02ad0e430928342aa736d8dd6854720f
70	2026-11-26 15:36:38.741556+00	reports.ingested	connector:simulated	2	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "pilot", "count": 9, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 9, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "pilot", "count": 9, "result": "in_time", "site_class": "online"}]}	\\xeb9749dd5468c79dc75575de3d39bddc02ad0e430928342aa736d8dd6854720f	\\xe62dbdbaa0718029f8e301ac1b3d52a92914297edaebb627fe89757c8b4d6144
71	2026-11-26 15:36:39.741556+00	deployment.created	tester	3	{"kind": "rollout", "reason": "requested", "version": "1.0", "application": "editor", "application_label": "_other"}	\\xe62dbdbaa0718029f8e301ac1b3d52a92914297edaebb627fe89757c8b4d6144	\\x45e6e45d7a463811cf53db520dab19321698933580eb7b9df4486a08392bd809
72	2026-11-26 15:36:39.741556+00	deployment.assessed	system	3	{"kind": "rollout", "score": 16.0, "reason": "requested", "devices": 50, "blast_class": "under_100", "needs_approval": false, "application_label": "_other"}	\\x45e6e45d7a463811cf53db520dab19321698933580eb7b9df4486a08392bd809	\\x3e4adc605931ec72c4b005a2bff631ea9b92c09ecc1e1c4148de6ed2dfd567b4
73	2026-11-26 15:36:39.741556+00	deployment.planned	system	3	{"kind": "rollout", "rings": {"lab": 2, "pilot": 42, "canary": 6}, "reason": "planned", "devices": 50, "application_label": "_other"}	\\x3e4adc605931ec72c4b005a2bff631ea9b92c09ecc1e1c4148de6ed2dfd567b4	\\x909ef90f5b6d88d4e582931c2d360078845122a557b732011b635a11beef3737
74	2026-11-26 15:36:39.741556+00	reports.ingested	connector:simulated	2	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "pilot", "count": 14, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 14, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "pilot", "count": 14, "result": "in_time", "site_class": "online"}]}	\\x909ef90f5b6d88d4e582931c2d360078845122a557b732011b635a11beef3737	\\x0b2886242e99b9785918226f94ba058d68039fd521b22d7cc6bcd3895613e276
75	2026-11-26 15:36:39.741556+00	ring.started	system	3	{"kind": "rollout", "ring": "lab", "reason": "planned", "application_label": "_other"}	\\x0b2886242e99b9785918226f94ba058d68039fd521b22d7cc6bcd3895613e276	\\xd649c167c049efa79ceb43128b0e9492ee48fe4cf3938fcae7278742b006dd97
76	2026-11-26 15:36:39.741556+00	gate.evaluated	system	3	{"code": "min_reported", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "wait", "sentence": "0 of 1 devices reported", "application_label": "_other"}	\\xd649c167c049efa79ceb43128b0e9492ee48fe4cf3938fcae7278742b006dd97	\\xac7f3f4f11ce722d364f53419c9d5b516ec85910bb1bd653321fd6b6cf4285c7
77	2026-11-26 15:36:39.741556+00	ring.soaking	system	2	{"kind": "rollout", "ring": "pilot", "reason": "planned", "application_label": "_other"}	\\xac7f3f4f11ce722d364f53419c9d5b516ec85910bb1bd653321fd6b6cf4285c7	\\xd3f6642e1fdb743854ec5b7b13f63a0e6430f876ecddadcec816740db2773287
78	2026-11-26 15:36:39.741556+00	gate.evaluated	system	2	{"code": "passed", "kind": "rollout", "ring": "pilot", "reason": "planned", "verdict": "pass", "sentence": "42 of 42 reports succeeded (100.00%), coverage 100.0%", "application_label": "_other"}	\\xd3f6642e1fdb743854ec5b7b13f63a0e6430f876ecddadcec816740db2773287	\\x4a1b632586578b44c0f10242046cd9d19cfa80adf92da99716ee569521d31bb8
79	2026-11-26 15:36:39.741556+00	ring.passed	system	2	{"kind": "rollout", "ring": "pilot", "reason": "planned", "next_ring": null, "duration_ms": 4000, "application_label": "_other"}	\\x4a1b632586578b44c0f10242046cd9d19cfa80adf92da99716ee569521d31bb8	\\x2979433951be0b3595b99e8d1ca24e4d1fc6f8c456e0fba3b0fde9b5af3321e2
80	2026-11-26 15:36:39.741556+00	deployment.completed	system	2	{"kind": "rollout", "reason": "all_rings_over", "application_label": "_other"}	\\x2979433951be0b3595b99e8d1ca24e4d1fc6f8c456e0fba3b0fde9b5af3321e2	\\xbc01f7e044fa996f9779c34819f02ab8e23c72aa789926d7c413fc39bee84244
81	2026-11-26 15:36:39.741556+00	command.confirmed	system	3	{"key": "3:lab:publish:1", "kind": "rollout", "ring": "lab", "reason": "planned", "devices": 2, "connector": "simulated", "application_label": "_other"}	\\xbc01f7e044fa996f9779c34819f02ab8e23c72aa789926d7c413fc39bee84244	\\xe7a054ce0bd979687037c17d48dee79785699a178fc5b6c8e5c632105d0c8459
82	2026-11-26 15:36:40.741556+00	reports.ingested	connector:simulated	3	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "lab", "count": 2, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}], "received": 2, "rejected": 0, "duplicate": 0, "compliance": []}	\\xe7a054ce0bd979687037c17d48dee79785699a178fc5b6c8e5c632105d0c8459	\\xae452eac04bdae77d8f7a5db0f58c55b7ed8da81a2deaf70ddf0b0ad8939b0e2
83	2026-11-26 15:36:41.741556+00	reports.ingested	connector:simulated	3	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "lab", "count": 2, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 2, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "lab", "count": 2, "result": "in_time", "site_class": "online"}]}	\\xae452eac04bdae77d8f7a5db0f58c55b7ed8da81a2deaf70ddf0b0ad8939b0e2	\\x4965a702c8465fa9f5cdfaf226727ebafa72e353fdc4416805d855690464df06
84	2026-11-26 15:36:41.741556+00	ring.soaking	system	3	{"kind": "rollout", "ring": "lab", "reason": "planned", "application_label": "_other"}	\\x4965a702c8465fa9f5cdfaf226727ebafa72e353fdc4416805d855690464df06	\\xbdfbb2baef8c1aee8d6aea390fced797751fe299f43a3403d65a9936397a8ef3
85	2026-11-26 15:36:41.741556+00	validation.began	system	3	{"kind": "rollout", "ring": "lab", "verb": "withdraw", "reason": "planned", "device_id": 26, "application_label": "_other"}	\\xbdfbb2baef8c1aee8d6aea390fced797751fe299f43a3403d65a9936397a8ef3	\\xf74f52e594bf532fcbff69183bdd4202ab10894a2eb33ae8d5e9a3d3567868cd
86	2026-11-26 15:36:41.741556+00	gate.evaluated	system	3	{"code": "rollback_validation", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "wait", "sentence": "no device has been rolled back and installed again yet", "application_label": "_other"}	\\xf74f52e594bf532fcbff69183bdd4202ab10894a2eb33ae8d5e9a3d3567868cd	\\x302ce195e2e23042a0efcadcd1a8a16459cfd257271bb4f2b71947655e82b0ae
87	2026-11-26 15:36:46.741556+00	validation.passed	connector:simulated	3	{"kind": "rollout", "ring": "lab", "reason": "planned", "device_id": 26, "application_label": "_other"}	\\x302ce195e2e23042a0efcadcd1a8a16459cfd257271bb4f2b71947655e82b0ae	\\x0169df5abebeeba7790055604e7122c6ae6d9f9fa182787307d62c220ed87011
88	2026-11-26 15:36:46.741556+00	gate.evaluated	system	3	{"code": "passed", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "pass", "sentence": "2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%", "application_label": "_other"}	\\x0169df5abebeeba7790055604e7122c6ae6d9f9fa182787307d62c220ed87011	\\x83c776ceeaa3f5bd76d41638647083c52743f1ec0e7be6a0c35fddf252f16fe7
89	2026-11-26 15:36:46.741556+00	ring.passed	system	3	{"kind": "rollout", "ring": "lab", "reason": "planned", "next_ring": "canary", "duration_ms": 2000, "application_label": "_other"}	\\x83c776ceeaa3f5bd76d41638647083c52743f1ec0e7be6a0c35fddf252f16fe7	\\x2b8d41c75e3973934d4ee5f75c408c8dcddd3c15365f9f98074a84f6d5c4be17
90	2026-11-26 15:36:46.741556+00	ring.started	system	3	{"kind": "rollout", "ring": "canary", "reason": "planned", "application_label": "_other"}	\\x2b8d41c75e3973934d4ee5f75c408c8dcddd3c15365f9f98074a84f6d5c4be17	\\xa7401428c0655aef1253bb00fdd00d8e43a8ef36bb7910e7d760bb25004ee1c5
91	2026-11-26 15:36:46.741556+00	gate.evaluated	system	3	{"code": "min_reported", "kind": "rollout", "ring": "canary", "reason": "planned", "verdict": "wait", "sentence": "0 of 1 devices reported", "application_label": "_other"}	\\xa7401428c0655aef1253bb00fdd00d8e43a8ef36bb7910e7d760bb25004ee1c5	\\x23e1a24856db6782a2d79ee833b8b5c1197e973f4b540f3123199aaaec853a07
92	2026-11-26 15:36:46.741556+00	command.confirmed	system	3	{"key": "3:canary:publish:1", "kind": "rollout", "ring": "canary", "reason": "planned", "devices": 6, "connector": "simulated", "application_label": "_other"}	\\x23e1a24856db6782a2d79ee833b8b5c1197e973f4b540f3123199aaaec853a07	\\x469efb03606fca90a3e62704c69fe7f9d5c9b2c349528d36bd89ff5318678b57
93	2026-11-26 15:36:47.741556+00	reports.ingested	connector:simulated	3	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "canary", "count": 4, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}], "received": 4, "rejected": 0, "duplicate": 0, "compliance": []}	\\x469efb03606fca90a3e62704c69fe7f9d5c9b2c349528d36bd89ff5318678b57	\\x73749b79b998877bc4ae23424185570ecf8b234fc4b1f547e6a446908ab0b0fb
94	2026-11-26 15:36:48.741556+00	reports.ingested	connector:simulated	3	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "canary", "count": 1, "reason": "install_error", "outcome": "failed", "connector": "simulated"}, {"kind": "rollout", "ring": "canary", "count": 2, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}], "received": 3, "rejected": 0, "duplicate": 0, "compliance": []}	\\x73749b79b998877bc4ae23424185570ecf8b234fc4b1f547e6a446908ab0b0fb	\\xca12c0fe2495ad972a5fd5b8de09ae8c2a2b4dd070c97184f75558faa276cfc6
95	2026-11-26 15:36:48.741556+00	gate.evaluated	system	3	{"code": "coverage", "kind": "rollout", "ring": "canary", "reason": "planned", "verdict": "wait", "sentence": "16.7% of the devices reported, 90.0% needed", "application_label": "_other"}	\\xca12c0fe2495ad972a5fd5b8de09ae8c2a2b4dd070c97184f75558faa276cfc6	\\xcca4b9f2226c3049dc47bece5761069b2ec5bc6f4ffc5267521a5415239dd85d
120	2026-11-26 15:37:28.741556+00	validation.passed	connector:simulated	5	{"kind": "rollout", "ring": "lab", "reason": "planned", "device_id": 26, "application_label": "_other"}	\\x50bcc3f71ac1349870f9e93cfd4b4baa234ac2c8066c8e8e2023c2c9048b353c	\\xa3a1317e8a21a5dffc944d21b2670bfd80945cd834ea191c24dbaeb87841f0e4
96	2026-11-26 15:36:49.741556+00	reports.ingested	connector:simulated	3	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "canary", "count": 3, "reason": "install_error", "outcome": "failed", "connector": "simulated"}], "received": 3, "rejected": 0, "duplicate": 0, "compliance": []}	\\xcca4b9f2226c3049dc47bece5761069b2ec5bc6f4ffc5267521a5415239dd85d	\\xbd83b08b3c32676a14d83ef867c677dbd85686c83d7cbe712f4ef24061375a5d
97	2026-11-26 15:36:49.741556+00	gate.evaluated	system	3	{"code": "error_ceiling", "kind": "rollout", "ring": "canary", "reason": "planned", "verdict": "fail", "sentence": "4 of 6 devices failed, more than the ceiling of 20.0%", "application_label": "_other"}	\\xbd83b08b3c32676a14d83ef867c677dbd85686c83d7cbe712f4ef24061375a5d	\\x201b7a573f47d4baebfccea0ded2efcd1a8b3a6fd1f60871510f0c010a3f059f
98	2026-11-26 15:36:49.741556+00	ring.failed	system	3	{"kind": "rollout", "ring": "canary", "reason": "planned", "next_ring": "pilot", "duration_ms": null, "application_label": "_other"}	\\x201b7a573f47d4baebfccea0ded2efcd1a8b3a6fd1f60871510f0c010a3f059f	\\x3d096a819e9b6ee93175efe68fb660ae13863676e78c13539815bf2fa0f4e085
99	2026-11-26 15:36:49.741556+00	deployment.paused	system	3	{"kind": "rollout", "reason": "gate_failed:canary", "application_label": "_other"}	\\x3d096a819e9b6ee93175efe68fb660ae13863676e78c13539815bf2fa0f4e085	\\x4581cf7b94f56c971d8186a6698a8416f1b38f03aac6f6f74a99f74756f9594f
100	2026-11-26 15:36:50.741556+00	deployment.created	tester	4	{"kind": "rollout", "reason": "requested", "version": "1.0", "application": "reader", "application_label": "_other"}	\\x4581cf7b94f56c971d8186a6698a8416f1b38f03aac6f6f74a99f74756f9594f	\\x6f83f1b3330338317c3d4117c127dca4320c060e504a17ac54427d4a445c0d66
101	2026-11-26 15:36:50.741556+00	deployment.assessed	system	4	{"kind": "rollout", "score": 16.0, "reason": "requested", "devices": 50, "blast_class": "under_100", "needs_approval": false, "application_label": "_other"}	\\x6f83f1b3330338317c3d4117c127dca4320c060e504a17ac54427d4a445c0d66	\\xc5db991d36ae97b592dea72d1aa9d13c81082dd5f0ac60e1c273b31f742e618e
102	2026-11-26 15:36:50.741556+00	deployment.planned	system	4	{"kind": "rollout", "rings": {"lab": 2, "pilot": 42, "canary": 6}, "reason": "planned", "devices": 50, "application_label": "_other"}	\\xc5db991d36ae97b592dea72d1aa9d13c81082dd5f0ac60e1c273b31f742e618e	\\xd3087ea3274f4a044f29371156d74586cf22a0c74288f21f6d93549364a360df
103	2026-11-26 15:36:50.741556+00	ring.started	system	4	{"kind": "rollout", "ring": "lab", "reason": "planned", "application_label": "_other"}	\\xd3087ea3274f4a044f29371156d74586cf22a0c74288f21f6d93549364a360df	\\xe538366254bfefe06a1012d23f51f89cce556ba50e1d899ac167a577a43f7fb5
104	2026-11-26 15:36:50.741556+00	gate.evaluated	system	4	{"code": "min_reported", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "wait", "sentence": "0 of 1 devices reported", "application_label": "_other"}	\\xe538366254bfefe06a1012d23f51f89cce556ba50e1d899ac167a577a43f7fb5	\\xbcb9f1617f990b80f36b89bf6affda5a011dfc4dd89bdbb1f66f327f88fe91dc
105	2026-11-26 15:36:50.741556+00	command.confirmed	system	4	{"key": "4:lab:publish:1", "kind": "rollout", "ring": "lab", "reason": "planned", "devices": 2, "connector": "simulated", "application_label": "_other"}	\\xbcb9f1617f990b80f36b89bf6affda5a011dfc4dd89bdbb1f66f327f88fe91dc	\\x9bdcf522885a2baf35ae61ee191cb6aa8f44b7bfa02ca08bcb83f66ccd4bdb7b
106	2026-11-26 15:37:20.741556+00	deployment.paused	system	4	{"kind": "rollout", "reason": "stalled:lab", "application_label": "_other"}	\\x9bdcf522885a2baf35ae61ee191cb6aa8f44b7bfa02ca08bcb83f66ccd4bdb7b	\\x8eeb0b17d90da6a5c4ab8402651002ff0f98a2eacf8858443e77fe24a55cabf5
107	2026-11-26 15:37:20.741556+00	hold.began	system	4	{"hold": "stalled", "kind": "rollout", "reason": "stalled:lab", "application_label": "_other"}	\\x8eeb0b17d90da6a5c4ab8402651002ff0f98a2eacf8858443e77fe24a55cabf5	\\x365a3d3c39c28a9ac1af8255dfb90085abfb8cededba66de1f064c5ad8ba9851
108	2026-11-26 15:37:21.741556+00	deployment.created	tester	5	{"kind": "rollout", "reason": "requested", "version": "1.0", "application": "mail", "application_label": "_other"}	\\x365a3d3c39c28a9ac1af8255dfb90085abfb8cededba66de1f064c5ad8ba9851	\\x317561cb0d333b87ece72cc2e6f6402a184aaa90574284acfb6eb6b0af98a436
109	2026-11-26 15:37:21.741556+00	deployment.assessed	system	5	{"kind": "rollout", "score": 16.0, "reason": "requested", "devices": 50, "blast_class": "under_100", "needs_approval": false, "application_label": "_other"}	\\x317561cb0d333b87ece72cc2e6f6402a184aaa90574284acfb6eb6b0af98a436	\\xbfe76a9f80edd6daed4437aa980aab27e0b003ebe151992abf3b3884924cc0cc
110	2026-11-26 15:37:21.741556+00	deployment.planned	system	5	{"kind": "rollout", "rings": {"lab": 2, "pilot": 42, "canary": 6}, "reason": "planned", "devices": 50, "application_label": "_other"}	\\xbfe76a9f80edd6daed4437aa980aab27e0b003ebe151992abf3b3884924cc0cc	\\x6c7cca8861296a372ca90ccdd06636d9fe39f1f4ec5489f357f4fd9b7fc474d9
111	2026-11-26 15:37:21.741556+00	reports.ingested	connector:simulated	3	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "canary", "count": 2, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 2, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "canary", "count": 2, "result": "in_time", "site_class": "online"}]}	\\x6c7cca8861296a372ca90ccdd06636d9fe39f1f4ec5489f357f4fd9b7fc474d9	\\x58fa41c459f473a60b2149d20abde1c4149ff2593e96c250e66b6142b3683814
112	2026-11-26 15:37:21.741556+00	ring.started	system	5	{"kind": "rollout", "ring": "lab", "reason": "planned", "application_label": "_other"}	\\x58fa41c459f473a60b2149d20abde1c4149ff2593e96c250e66b6142b3683814	\\x19e0605a39cb22e0f15b24c6e997c6d3fbde3681309efee40f091cf51f978416
113	2026-11-26 15:37:21.741556+00	gate.evaluated	system	5	{"code": "min_reported", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "wait", "sentence": "0 of 1 devices reported", "application_label": "_other"}	\\x19e0605a39cb22e0f15b24c6e997c6d3fbde3681309efee40f091cf51f978416	\\x1fb5a51dafba5099b6e9b552232426c243fb903935858e330c80117b93cbc72c
114	2026-11-26 15:37:21.741556+00	command.confirmed	system	5	{"key": "5:lab:publish:1", "kind": "rollout", "ring": "lab", "reason": "planned", "devices": 2, "connector": "simulated", "application_label": "_other"}	\\x1fb5a51dafba5099b6e9b552232426c243fb903935858e330c80117b93cbc72c	\\x6de1a9d0b82645c87e9ccf8beb5069ed2d1e478c8d98320f32887a0d05655231
115	2026-11-26 15:37:22.741556+00	reports.ingested	connector:simulated	5	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "lab", "count": 2, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}], "received": 2, "rejected": 0, "duplicate": 0, "compliance": []}	\\x6de1a9d0b82645c87e9ccf8beb5069ed2d1e478c8d98320f32887a0d05655231	\\x6b7f185364e823cc8883e9f3f98fbb12666bd3d16e8c3bf03f8e65c87aa1539a
116	2026-11-26 15:37:23.741556+00	reports.ingested	connector:simulated	5	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "lab", "count": 2, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 2, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "lab", "count": 2, "result": "in_time", "site_class": "online"}]}	\\x6b7f185364e823cc8883e9f3f98fbb12666bd3d16e8c3bf03f8e65c87aa1539a	\\x9e10ce814d9058a5d671f2e43e8b6de747a42f57a3cf081806a8791cfeba6c68
117	2026-11-26 15:37:23.741556+00	ring.soaking	system	5	{"kind": "rollout", "ring": "lab", "reason": "planned", "application_label": "_other"}	\\x9e10ce814d9058a5d671f2e43e8b6de747a42f57a3cf081806a8791cfeba6c68	\\xf5ab81551bed640b4b04b747cabb3e3e17267236a7760a28a23f6b788a039a64
118	2026-11-26 15:37:23.741556+00	validation.began	system	5	{"kind": "rollout", "ring": "lab", "verb": "withdraw", "reason": "planned", "device_id": 26, "application_label": "_other"}	\\xf5ab81551bed640b4b04b747cabb3e3e17267236a7760a28a23f6b788a039a64	\\x52b682ff6c5d701d8fa00ef05a7aef5b718cea780ef2b4c9dce27d3e50094595
119	2026-11-26 15:37:23.741556+00	gate.evaluated	system	5	{"code": "rollback_validation", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "wait", "sentence": "no device has been rolled back and installed again yet", "application_label": "_other"}	\\x52b682ff6c5d701d8fa00ef05a7aef5b718cea780ef2b4c9dce27d3e50094595	\\x50bcc3f71ac1349870f9e93cfd4b4baa234ac2c8066c8e8e2023c2c9048b353c
121	2026-11-26 15:37:28.741556+00	gate.evaluated	system	5	{"code": "passed", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "pass", "sentence": "2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%", "application_label": "_other"}	\\xa3a1317e8a21a5dffc944d21b2670bfd80945cd834ea191c24dbaeb87841f0e4	\\x33000ee3a33a8604672c631a734d62f3d5adb25a2a52e293a9ac29343c42268a
122	2026-11-26 15:37:28.741556+00	ring.passed	system	5	{"kind": "rollout", "ring": "lab", "reason": "planned", "next_ring": "canary", "duration_ms": 2000, "application_label": "_other"}	\\x33000ee3a33a8604672c631a734d62f3d5adb25a2a52e293a9ac29343c42268a	\\x7fb071e6a76afe713269c50b50871c205295ae305161a259382734da1235a286
123	2026-11-26 15:37:28.741556+00	ring.started	system	5	{"kind": "rollout", "ring": "canary", "reason": "planned", "application_label": "_other"}	\\x7fb071e6a76afe713269c50b50871c205295ae305161a259382734da1235a286	\\x7efeab9329948bf2af465dd85e415f9a56e84b9934eae8de601235bb6b60f10b
124	2026-11-26 15:37:28.741556+00	gate.evaluated	system	5	{"code": "min_reported", "kind": "rollout", "ring": "canary", "reason": "planned", "verdict": "wait", "sentence": "0 of 1 devices reported", "application_label": "_other"}	\\x7efeab9329948bf2af465dd85e415f9a56e84b9934eae8de601235bb6b60f10b	\\xe3e067a79d0dd2bce9af6cc9c89077fb5164b3778952e38f1be0d98b07a295df
125	2026-11-26 15:37:28.741556+00	command.confirmed	system	5	{"key": "5:canary:publish:1", "kind": "rollout", "ring": "canary", "reason": "planned", "devices": 6, "connector": "simulated", "application_label": "_other"}	\\xe3e067a79d0dd2bce9af6cc9c89077fb5164b3778952e38f1be0d98b07a295df	\\x424a230c40474e4908b5829804ed2d724ef389637fc297917b5a025d9f6a58ba
126	2026-11-26 15:37:29.741556+00	reports.ingested	connector:simulated	5	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "canary", "count": 4, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}], "received": 4, "rejected": 0, "duplicate": 0, "compliance": []}	\\x424a230c40474e4908b5829804ed2d724ef389637fc297917b5a025d9f6a58ba	\\x260f34f182a93798880d8799be5c1c5c11dd27842d0dad3c2dc5ba0f8fed8a99
127	2026-11-26 15:37:30.741556+00	reports.ingested	connector:simulated	5	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "canary", "count": 2, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}, {"kind": "rollout", "ring": "canary", "count": 1, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 3, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "canary", "count": 1, "result": "in_time", "site_class": "online"}]}	\\x260f34f182a93798880d8799be5c1c5c11dd27842d0dad3c2dc5ba0f8fed8a99	\\xb65db38d15aeff0742a421a11546e0ba7272e554b6fc7611e43faf4443e92010
128	2026-11-26 15:37:30.741556+00	gate.evaluated	system	5	{"code": "coverage", "kind": "rollout", "ring": "canary", "reason": "planned", "verdict": "wait", "sentence": "16.7% of the devices reported, 90.0% needed", "application_label": "_other"}	\\xb65db38d15aeff0742a421a11546e0ba7272e554b6fc7611e43faf4443e92010	\\xb9e078392d27992a275e276239c6268c56df55d9c7720c44ea2f5d282366a0a2
129	2026-11-26 15:37:31.741556+00	reports.ingested	connector:simulated	5	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "canary", "count": 3, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 3, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "canary", "count": 3, "result": "in_time", "site_class": "online"}]}	\\xb9e078392d27992a275e276239c6268c56df55d9c7720c44ea2f5d282366a0a2	\\x60b954e4f8c98a0cd8949b85b34864490e2e83e0a6b521f8ec21bdb9c36d148a
130	2026-11-26 15:37:32.741556+00	reports.ingested	connector:simulated	5	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "canary", "count": 2, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 2, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "canary", "count": 2, "result": "in_time", "site_class": "online"}]}	\\x60b954e4f8c98a0cd8949b85b34864490e2e83e0a6b521f8ec21bdb9c36d148a	\\xf6f6c74503955bf44fbdce45e795bdad1d05f65e5ac2f91f0c0dd6bd856923d7
131	2026-11-26 15:37:32.741556+00	ring.soaking	system	5	{"kind": "rollout", "ring": "canary", "reason": "planned", "application_label": "_other"}	\\xf6f6c74503955bf44fbdce45e795bdad1d05f65e5ac2f91f0c0dd6bd856923d7	\\xfb66ef73470d2e79a9ab102d65a8dcd27d99916d2a5c7c59553a994339015729
132	2026-11-26 15:37:32.741556+00	gate.evaluated	system	5	{"code": "passed", "kind": "rollout", "ring": "canary", "reason": "planned", "verdict": "pass", "sentence": "6 of 6 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 60.7%", "application_label": "_other"}	\\xfb66ef73470d2e79a9ab102d65a8dcd27d99916d2a5c7c59553a994339015729	\\x2bdead927b947f5000072c1107eefbb880d01f3f5dd08adf46ff9a339397ce8f
133	2026-11-26 15:37:32.741556+00	ring.passed	system	5	{"kind": "rollout", "ring": "canary", "reason": "planned", "next_ring": "pilot", "duration_ms": 4000, "application_label": "_other"}	\\x2bdead927b947f5000072c1107eefbb880d01f3f5dd08adf46ff9a339397ce8f	\\x50c2f3c896efac52bb3c53b7e4a0482a8897076a0d97810279ccb71e9566c42f
134	2026-11-26 15:37:32.741556+00	ring.started	system	5	{"kind": "rollout", "ring": "pilot", "reason": "planned", "application_label": "_other"}	\\x50c2f3c896efac52bb3c53b7e4a0482a8897076a0d97810279ccb71e9566c42f	\\xb2a9af54f5b621f23adb734549896b4dff3d94adcebe5b290ac78914dc27103a
135	2026-11-26 15:37:32.741556+00	gate.evaluated	system	5	{"code": "min_reported", "kind": "rollout", "ring": "pilot", "reason": "planned", "verdict": "wait", "sentence": "0 of 1 devices reported", "application_label": "_other"}	\\xb2a9af54f5b621f23adb734549896b4dff3d94adcebe5b290ac78914dc27103a	\\x246f0f2c5f0345b61ff4bf6bde9c5d8bc803ff81d7c4b8f1e947241f2369981e
136	2026-11-26 15:37:32.741556+00	command.confirmed	system	5	{"key": "5:pilot:publish:1", "kind": "rollout", "ring": "pilot", "reason": "planned", "devices": 42, "connector": "simulated", "application_label": "_other"}	\\x246f0f2c5f0345b61ff4bf6bde9c5d8bc803ff81d7c4b8f1e947241f2369981e	\\x33e4e04cf4f976415ff2f6005d14daf93dd6fff407b0edd7f4ec4a8e9a4df912
137	2026-11-26 15:37:33.741556+00	reports.ingested	connector:simulated	5	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "pilot", "count": 19, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}, {"kind": "rollout", "ring": "pilot", "count": 4, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 27, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "pilot", "count": 4, "result": "in_time", "site_class": "online"}]}	\\x33e4e04cf4f976415ff2f6005d14daf93dd6fff407b0edd7f4ec4a8e9a4df912	\\xa7efc00b9a19c1b75491d449efa674b2fde8a3a8c23a36409ce3b34c736c7cc6
138	2026-11-26 15:37:33.741556+00	gate.evaluated	system	5	{"code": "coverage", "kind": "rollout", "ring": "pilot", "reason": "planned", "verdict": "wait", "sentence": "9.5% of the devices reported, 90.0% needed", "application_label": "_other"}	\\xa7efc00b9a19c1b75491d449efa674b2fde8a3a8c23a36409ce3b34c736c7cc6	\\x04e0b73d5ff38ee6603eee5d6127f12ff4d75a9e2abe2197defaf56fa5bc3042
139	2026-11-26 15:37:34.741556+00	reports.ingested	connector:simulated	5	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "pilot", "count": 19, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}, {"kind": "rollout", "ring": "pilot", "count": 15, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 34, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "pilot", "count": 15, "result": "in_time", "site_class": "online"}]}	\\x04e0b73d5ff38ee6603eee5d6127f12ff4d75a9e2abe2197defaf56fa5bc3042	\\xf6f826f78bb59757e102525f56c7245f63e3c69ee497f0aa0e41cb446c8e1016
140	2026-11-26 15:37:35.741556+00	reports.ingested	connector:simulated	5	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "pilot", "count": 9, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 9, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "pilot", "count": 9, "result": "in_time", "site_class": "online"}]}	\\xf6f826f78bb59757e102525f56c7245f63e3c69ee497f0aa0e41cb446c8e1016	\\xc17b6a576b564ca3311669ccdc70eb62b5769f2776bf9711280fd77984479e7f
141	2026-11-26 15:37:36.741556+00	reports.ingested	connector:simulated	5	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "pilot", "count": 14, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 14, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "pilot", "count": 14, "result": "in_time", "site_class": "online"}]}	\\xc17b6a576b564ca3311669ccdc70eb62b5769f2776bf9711280fd77984479e7f	\\x885f3350834b291f38473981eabd8c7079f0478529f8abc7170ad2c39f72a38f
142	2026-11-26 15:37:36.741556+00	ring.soaking	system	5	{"kind": "rollout", "ring": "pilot", "reason": "planned", "application_label": "_other"}	\\x885f3350834b291f38473981eabd8c7079f0478529f8abc7170ad2c39f72a38f	\\x5e2824bddaf97e14fb2bf4ac805174d59b981d07d77c4e2ff569689ce2a1710b
143	2026-11-26 15:37:36.741556+00	gate.evaluated	system	5	{"code": "passed", "kind": "rollout", "ring": "pilot", "reason": "planned", "verdict": "pass", "sentence": "42 of 42 reports succeeded (100.00%), coverage 100.0%", "application_label": "_other"}	\\x5e2824bddaf97e14fb2bf4ac805174d59b981d07d77c4e2ff569689ce2a1710b	\\x08433dd2c4a18011ab05f9196f6e4ee4879d82f419beae71c9871a3637658faa
144	2026-11-26 15:37:36.741556+00	ring.passed	system	5	{"kind": "rollout", "ring": "pilot", "reason": "planned", "next_ring": null, "duration_ms": 4000, "application_label": "_other"}	\\x08433dd2c4a18011ab05f9196f6e4ee4879d82f419beae71c9871a3637658faa	\\xf6a71ca97efb1d87f2b60c8592ba3059f170b0225acf19202a95a0a485ab6ddd
145	2026-11-26 15:37:36.741556+00	deployment.completed	system	5	{"kind": "rollout", "reason": "all_rings_over", "application_label": "_other"}	\\xf6a71ca97efb1d87f2b60c8592ba3059f170b0225acf19202a95a0a485ab6ddd	\\x49afa03851c893f7146f38a6b091a97cedb73cd63834d2c7c0b10acf0f867850
146	2026-11-26 15:37:37.741556+00	deployment.created	tester	6	{"kind": "rollback", "reason": "calls", "rolls_back": 5, "application_label": "_other"}	\\x49afa03851c893f7146f38a6b091a97cedb73cd63834d2c7c0b10acf0f867850	\\xf8b89b99cc951ac2fed2287d5db2e431b2fa498dee7662f03b7cc3e38cd467fb
147	2026-11-26 15:37:37.741556+00	deployment.planned	system	6	{"kind": "rollback", "rings": {"lab": 2, "pilot": 42, "canary": 6}, "reason": "planned", "devices": 50, "application_label": "_other"}	\\xf8b89b99cc951ac2fed2287d5db2e431b2fa498dee7662f03b7cc3e38cd467fb	\\x3d89145b2dfae82a6958731d96bc50706060edd22699c908be089a2af7d74f86
148	2026-11-26 15:37:37.741556+00	ring.started	system	6	{"kind": "rollback", "ring": "pilot", "reason": "planned", "application_label": "_other"}	\\x3d89145b2dfae82a6958731d96bc50706060edd22699c908be089a2af7d74f86	\\xbe4cbe591828be9fb4f5318121eba0b9407fabe5a895571cd36b41c665f06a66
149	2026-11-26 15:37:37.741556+00	gate.evaluated	system	6	{"code": "min_reported", "kind": "rollback", "ring": "pilot", "reason": "planned", "verdict": "wait", "sentence": "0 of 1 devices reported", "application_label": "_other"}	\\xbe4cbe591828be9fb4f5318121eba0b9407fabe5a895571cd36b41c665f06a66	\\xaa827c97699790980cbb5deee3c7a4ccfdbc5a64cc57f1171d8998e28017afae
150	2026-11-26 15:37:37.741556+00	deployment.created	tester	7	{"kind": "rollout", "reason": "requested", "version": "1.0", "application": "browser", "application_label": "_other"}	\\xaa827c97699790980cbb5deee3c7a4ccfdbc5a64cc57f1171d8998e28017afae	\\x76247fc895cf20afb409d19ca17d3d0454bd946d906325c03bed2c68e8de4d1d
151	2026-11-26 15:37:37.741556+00	deployment.assessed	system	7	{"kind": "rollout", "score": 16.0, "reason": "requested", "devices": 50, "blast_class": "under_100", "needs_approval": false, "application_label": "_other"}	\\x76247fc895cf20afb409d19ca17d3d0454bd946d906325c03bed2c68e8de4d1d	\\x2f07188cfe167ed1df09ab3f690b15baec70325823da9df1b56083e8cee1d811
152	2026-11-26 15:37:37.741556+00	deployment.planned	system	7	{"kind": "rollout", "rings": {"lab": 2, "pilot": 42, "canary": 6}, "reason": "planned", "devices": 50, "application_label": "_other"}	\\x2f07188cfe167ed1df09ab3f690b15baec70325823da9df1b56083e8cee1d811	\\x0509369beeb3256448dbf8419ab9f8a5ab64305bf142317c00ac0fd40c885db2
153	2026-11-26 15:37:37.741556+00	ring.started	system	7	{"kind": "rollout", "ring": "lab", "reason": "planned", "application_label": "_other"}	\\x0509369beeb3256448dbf8419ab9f8a5ab64305bf142317c00ac0fd40c885db2	\\x7aa92811159eed69b1e26e20506c47f16b619ec76dc3099135de92aa95fc676d
154	2026-11-26 15:37:37.741556+00	gate.evaluated	system	7	{"code": "min_reported", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "wait", "sentence": "0 of 1 devices reported", "application_label": "_other"}	\\x7aa92811159eed69b1e26e20506c47f16b619ec76dc3099135de92aa95fc676d	\\xd6b9596100fde9a867c7b5b8fbdf671b1fde250f7c21c7c71e1624290ee4b2ad
155	2026-11-26 15:37:37.741556+00	command.confirmed	system	6	{"key": "6:pilot:withdraw:1", "kind": "rollback", "ring": "pilot", "reason": "planned", "devices": 42, "connector": "simulated", "application_label": "_other"}	\\xd6b9596100fde9a867c7b5b8fbdf671b1fde250f7c21c7c71e1624290ee4b2ad	\\x6bda266f89706d8dc0651216e45f47538d891e905680195b5a67066e16565dae
156	2026-11-26 15:37:37.741556+00	command.confirmed	system	7	{"key": "7:lab:publish:1", "kind": "rollout", "ring": "lab", "reason": "planned", "devices": 2, "connector": "simulated", "application_label": "_other"}	\\x6bda266f89706d8dc0651216e45f47538d891e905680195b5a67066e16565dae	\\x06349887e7c00f1afa5b3f07d0728405e83c8e8365b3572e373567a1284f83a0
157	2026-11-26 15:37:46.741556+00	reports.ingested	connector:simulated	7	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "lab", "count": 1, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}], "received": 1, "rejected": 0, "duplicate": 0, "compliance": []}	\\x06349887e7c00f1afa5b3f07d0728405e83c8e8365b3572e373567a1284f83a0	\\xfd6868ca44ec83b62b3364dc589297d6a0e5e56f383448b8136dad0f0c0bb8be
158	2026-11-26 15:37:47.741556+00	reports.ingested	connector:simulated	7	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "lab", "count": 1, "reason": "downloaded", "outcome": "installing", "connector": "simulated"}], "received": 1, "rejected": 0, "duplicate": 0, "compliance": []}	\\xfd6868ca44ec83b62b3364dc589297d6a0e5e56f383448b8136dad0f0c0bb8be	\\xd89dffb9a08decde22420daf9861435b6f729c5604fa7b9bcb5a8456d365dc90
159	2026-11-26 15:37:58.741556+00	reports.ingested	connector:simulated	6	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollback", "ring": "pilot", "count": 2, "reason": "withdrawn", "outcome": "succeeded", "connector": "simulated"}], "received": 2, "rejected": 0, "duplicate": 0, "compliance": []}	\\xd89dffb9a08decde22420daf9861435b6f729c5604fa7b9bcb5a8456d365dc90	\\x27c877fa43aa71b252bab792ec59e059c31c6118c968b18e2af18c96b7b706ef
160	2026-11-26 15:37:58.741556+00	gate.evaluated	system	6	{"code": "coverage", "kind": "rollback", "ring": "pilot", "reason": "planned", "verdict": "wait", "sentence": "4.8% of the devices reported, 90.0% needed", "application_label": "_other"}	\\x27c877fa43aa71b252bab792ec59e059c31c6118c968b18e2af18c96b7b706ef	\\x63b6febf0eed8b117d67ce32ac4d3d4235ba2e07e4d814fc505ffed5d65effec
161	2026-11-26 15:37:59.741556+00	reports.ingested	connector:simulated	6	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollback", "ring": "pilot", "count": 5, "reason": "withdrawn", "outcome": "succeeded", "connector": "simulated"}], "received": 5, "rejected": 0, "duplicate": 0, "compliance": []}	\\x63b6febf0eed8b117d67ce32ac4d3d4235ba2e07e4d814fc505ffed5d65effec	\\x3aeb9644e9c44c26f05fb09edeccbdd55fadd00a5672ba206e940616f718ec47
162	2026-11-26 15:38:00.741556+00	reports.ingested	connector:simulated	6	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollback", "ring": "pilot", "count": 5, "reason": "withdrawn", "outcome": "succeeded", "connector": "simulated"}], "received": 5, "rejected": 0, "duplicate": 0, "compliance": []}	\\x3aeb9644e9c44c26f05fb09edeccbdd55fadd00a5672ba206e940616f718ec47	\\xfa1497330f0aff7e5bde5aff648ee706418af0467adb2393947a715c9e0066b5
163	2026-11-26 15:38:00.741556+00	reports.ingested	connector:simulated	7	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "lab", "count": 1, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 1, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "lab", "count": 1, "result": "in_time", "site_class": "online"}]}	\\xfa1497330f0aff7e5bde5aff648ee706418af0467adb2393947a715c9e0066b5	\\xcc79ab0e7cb7b6732f65afa7c113eb300250fa8252660d0a6420eb3d4c3afdd5
164	2026-11-26 15:38:00.741556+00	gate.evaluated	system	7	{"code": "coverage", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "wait", "sentence": "50.0% of the devices reported, 90.0% needed", "application_label": "_other"}	\\xcc79ab0e7cb7b6732f65afa7c113eb300250fa8252660d0a6420eb3d4c3afdd5	\\x6b6d0e79c7a8db1a36e0593e3435bb15398ecdbf70a821c409d5780989c28595
165	2026-11-26 15:38:01.741556+00	reports.ingested	connector:simulated	6	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollback", "ring": "pilot", "count": 3, "reason": "withdrawn", "outcome": "succeeded", "connector": "simulated"}], "received": 3, "rejected": 0, "duplicate": 0, "compliance": []}	\\x6b6d0e79c7a8db1a36e0593e3435bb15398ecdbf70a821c409d5780989c28595	\\x9153bd20cf81a6a95d29aac5f472fbbb0727dd2f5a93bef80202394a85b25fe6
166	2026-11-26 15:38:01.741556+00	reports.ingested	connector:simulated	7	{"late": 0, "source": "simulated", "tallies": [{"kind": "rollout", "ring": "lab", "count": 1, "reason": "installed", "outcome": "succeeded", "connector": "simulated"}], "received": 1, "rejected": 0, "duplicate": 0, "compliance": [{"ring": "lab", "count": 1, "result": "in_time", "site_class": "online"}]}	\\x9153bd20cf81a6a95d29aac5f472fbbb0727dd2f5a93bef80202394a85b25fe6	\\xd45d60a8e2a8ca940366db0caa196f0312115ae1a2da8ff6965d9f490c87ed61
167	2026-11-26 15:38:01.741556+00	ring.soaking	system	7	{"kind": "rollout", "ring": "lab", "reason": "planned", "application_label": "_other"}	\\xd45d60a8e2a8ca940366db0caa196f0312115ae1a2da8ff6965d9f490c87ed61	\\x834a14b9dccfce8660402913e5353f35506aa949e0c252557972b1335c1bec6c
168	2026-11-26 15:38:01.741556+00	gate.evaluated	system	7	{"code": "passed", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "pass", "sentence": "2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%", "application_label": "_other"}	\\x834a14b9dccfce8660402913e5353f35506aa949e0c252557972b1335c1bec6c	\\xf6c3d3e557433d037b8652c2603b96db24eef3375aaf32abb4cd5c79175c00e6
169	2026-11-26 15:38:01.741556+00	ring.passed	system	7	{"kind": "rollout", "ring": "lab", "reason": "planned", "next_ring": "canary", "duration_ms": 24000, "application_label": "_other"}	\\xf6c3d3e557433d037b8652c2603b96db24eef3375aaf32abb4cd5c79175c00e6	\\x8b043b95c61a7f8b8a2541b3cb8afaf7f7dda14d7b4502c76d6c194566b2e273
170	2026-11-26 15:38:01.741556+00	ring.started	system	7	{"kind": "rollout", "ring": "canary", "reason": "planned", "application_label": "_other"}	\\x8b043b95c61a7f8b8a2541b3cb8afaf7f7dda14d7b4502c76d6c194566b2e273	\\x00cc9b3b4dd94060067de4036e00df8e842ff3b9bc7880b0341ec9dadc9e01e4
171	2026-11-26 15:38:01.741556+00	gate.evaluated	system	7	{"code": "min_reported", "kind": "rollout", "ring": "canary", "reason": "planned", "verdict": "wait", "sentence": "0 of 1 devices reported", "application_label": "_other"}	\\x00cc9b3b4dd94060067de4036e00df8e842ff3b9bc7880b0341ec9dadc9e01e4	\\xdc11e8dcbe38f1b27cab92fb6b003cba9f7f6c18ff28134c4e540bf526a15ffe
172	2026-11-26 15:38:01.741556+00	command.confirmed	system	7	{"key": "7:canary:publish:1", "kind": "rollout", "ring": "canary", "reason": "planned", "devices": 6, "connector": "simulated", "application_label": "_other"}	\\xdc11e8dcbe38f1b27cab92fb6b003cba9f7f6c18ff28134c4e540bf526a15ffe	\\xbfa4a89f8bb85109cfa9a27faf716fbe6bfcc20fd4eaadeba9117368b798bb40
173	2026-11-26 15:38:02.741556+00	deployment.created	tester	8	{"kind": "rollout", "reason": "requested", "version": "1.0", "application": "tool", "application_label": "_other"}	\\xbfa4a89f8bb85109cfa9a27faf716fbe6bfcc20fd4eaadeba9117368b798bb40	\\x0f9ef4389bf693688d2f38c1724e9a6d0f129f1d03979b3f62d4d0b3ee54b7a0
174	2026-11-26 15:38:02.741556+00	deployment.assessed	system	8	{"kind": "rollout", "score": 16.0, "reason": "requested", "devices": 50, "blast_class": "under_100", "needs_approval": false, "application_label": "_other"}	\\x0f9ef4389bf693688d2f38c1724e9a6d0f129f1d03979b3f62d4d0b3ee54b7a0	\\x1d4d0317372f59e9c3b381b13293850130c77bd51a9653cc2ff27e8ccd36f640
175	2026-11-26 15:38:02.741556+00	deployment.planned	system	8	{"kind": "rollout", "rings": {"lab": 2, "pilot": 42, "canary": 6}, "reason": "planned", "devices": 50, "application_label": "_other"}	\\x1d4d0317372f59e9c3b381b13293850130c77bd51a9653cc2ff27e8ccd36f640	\\x09f69b28d7691750ba4ebe767cc80b1467562b83dd397a1cf58735c8dce28d3f
176	2026-11-26 15:38:02.741556+00	connector.call_failed	connector:simulated	\N	{"detail": "503: out of service", "connector": "simulated", "operation": "results", "error_class": "transient"}	\\x09f69b28d7691750ba4ebe767cc80b1467562b83dd397a1cf58735c8dce28d3f	\\xab10bce4b215388a17009640599fc767075b140787bbfd930674570f0c031ce6
177	2026-11-26 15:38:02.741556+00	connector.call_failed	connector:simulated	\N	{"detail": "503: out of service", "connector": "simulated", "operation": "results", "error_class": "transient"}	\\xab10bce4b215388a17009640599fc767075b140787bbfd930674570f0c031ce6	\\x15ff7e90935fbc995e790ab8f0cee90889f9638655202fb2c355296967c56f9b
178	2026-11-26 15:38:02.741556+00	ring.started	system	8	{"kind": "rollout", "ring": "lab", "reason": "planned", "application_label": "_other"}	\\x15ff7e90935fbc995e790ab8f0cee90889f9638655202fb2c355296967c56f9b	\\x46e577ab1379544b4ccbb7479c13182358e5bcf6a1cc106df04f1d0bd4ceca5a
179	2026-11-26 15:38:02.741556+00	gate.evaluated	system	8	{"code": "min_reported", "kind": "rollout", "ring": "lab", "reason": "planned", "verdict": "wait", "sentence": "0 of 1 devices reported", "application_label": "_other"}	\\x46e577ab1379544b4ccbb7479c13182358e5bcf6a1cc106df04f1d0bd4ceca5a	\\x696574651755aaa43b51c61467bf208e48b987c9de72ea6198b106cf76ede3c0
180	2026-11-26 15:38:02.741556+00	connector.call_failed	connector:simulated	\N	{"detail": "503: out of service", "connector": "simulated", "operation": "publish", "error_class": "transient"}	\\x696574651755aaa43b51c61467bf208e48b987c9de72ea6198b106cf76ede3c0	\\x57557fcb83aaa2e2237347813929396034c9e0e0e0032b3143cb00d97d4dd286
181	2026-11-26 15:38:03.741556+00	connector.call_failed	connector:simulated	\N	{"detail": "503: out of service", "connector": "simulated", "operation": "find", "error_class": "transient"}	\\x57557fcb83aaa2e2237347813929396034c9e0e0e0032b3143cb00d97d4dd286	\\x68df3b509fcbbcfe1a12365b0cf35137645950b1c5d458d683737be6349b2426
182	2026-11-26 15:38:05.741556+00	connector.call_failed	connector:simulated	\N	{"detail": "503: out of service", "connector": "simulated", "operation": "find", "error_class": "transient"}	\\x68df3b509fcbbcfe1a12365b0cf35137645950b1c5d458d683737be6349b2426	\\xf6ad38b0544494fc3579c1874b74351ce98e3b65ba36d81b8538c13506595de3
183	2026-11-26 15:38:05.741556+00	breaker.changed	connector:simulated	\N	{"to": "open", "from": "closed", "reason": "faults_in_a_row", "connector": "simulated"}	\\xf6ad38b0544494fc3579c1874b74351ce98e3b65ba36d81b8538c13506595de3	\\x47c65cd87e8e90d16357abdf39bcdbf995feb58f308473144eaa10ea1f13d5da
184	2026-11-26 15:38:06.741556+00	hold.began	system	8	{"hold": "breaker", "kind": "rollout", "reason": "planned", "application_label": "_other"}	\\x47c65cd87e8e90d16357abdf39bcdbf995feb58f308473144eaa10ea1f13d5da	\\xfea343d901f908dd20ce3534f3653954cf441a61203d3f13dbf5bc93be9685e0
185	2026-11-26 15:38:42.741556+00	incident.opened	tester	\N	{"title": "old", "severity": "P3", "incident_id": 1}	\\xfea343d901f908dd20ce3534f3653954cf441a61203d3f13dbf5bc93be9685e0	\\x166a848bca969cbf3f6520bd06c1d03c7e207b8d0be6ebfbabc0cfb98156284e
\.


--
-- Data for Name: freezes; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.freezes (id, kind, application, reason, starts_at, ends_at, windows, created_by, created_at, lift_requested_by, lift_requested_at, lift_reason, lifted_by, lifted_at) FROM stdin;
\.


--
-- Data for Name: gate_evaluations; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.gate_evaluations (id, deployment_id, ring_id, at, policy_version, verdict, code, reason, inputs) FROM stdin;
1	1	1	2026-11-26 15:35:53.741556+00	4	wait	min_reported	0 of 1 devices reported	{"now": "2026-11-26T15:35:53.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 2, "eligible": 2, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": true}, "findings": [], "incidents": [], "on_the_way": 2, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
2	1	1	2026-11-26 15:35:55.741556+00	4	wait	rollback_validation	no device has been rolled back and installed again yet	{"now": "2026-11-26T15:35:55.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 2, "compliant": 2, "succeeded": 2, "dispatched": 2}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": true}, "findings": [], "incidents": [], "on_the_way": 1, "soak_waived": false, "soaking_since": "2026-11-26T15:35:55.741556+00:00", "rollback_validated": false}
3	1	1	2026-11-26 15:36:00.741556+00	4	pass	passed	2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%	{"now": "2026-11-26T15:36:00.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 2, "compliant": 2, "succeeded": 2, "dispatched": 2}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": true}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": "2026-11-26T15:35:55.741556+00:00", "rollback_validated": true}
4	1	2	2026-11-26 15:36:00.741556+00	4	wait	min_reported	0 of 1 devices reported	{"now": "2026-11-26T15:36:00.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 6, "eligible": 6, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 6, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
5	1	2	2026-11-26 15:36:02.741556+00	4	wait	coverage	16.7% of the devices reported, 90.0% needed	{"now": "2026-11-26T15:36:02.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 5, "eligible": 6, "compliant": 1, "succeeded": 1, "dispatched": 6}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
6	1	2	2026-11-26 15:36:04.741556+00	4	pass	passed	6 of 6 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 60.7%	{"now": "2026-11-26T15:36:04.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 6, "compliant": 6, "succeeded": 6, "dispatched": 6}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": "2026-11-26T15:36:04.741556+00:00", "rollback_validated": false}
7	1	3	2026-11-26 15:36:04.741556+00	4	wait	min_reported	0 of 1 devices reported	{"now": "2026-11-26T15:36:04.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 42, "eligible": 42, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 42, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
8	1	3	2026-11-26 15:36:05.741556+00	4	wait	coverage	9.5% of the devices reported, 90.0% needed	{"now": "2026-11-26T15:36:05.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 38, "eligible": 42, "compliant": 4, "succeeded": 4, "dispatched": 42}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
9	1	3	2026-11-26 15:36:08.741556+00	4	pass	passed	42 of 42 reports succeeded (100.00%), coverage 100.0%	{"now": "2026-11-26T15:36:08.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 42, "compliant": 42, "succeeded": 42, "dispatched": 42}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": "2026-11-26T15:36:08.741556+00:00", "rollback_validated": false}
10	2	4	2026-11-26 15:36:29.741556+00	4	wait	min_reported	0 of 1 devices reported	{"now": "2026-11-26T15:36:29.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 2, "eligible": 2, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": 30, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 2, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
11	2	4	2026-11-26 15:36:31.741556+00	4	pass	passed	2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%	{"now": "2026-11-26T15:36:31.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 2, "compliant": 2, "succeeded": 2, "dispatched": 2}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": 30, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": "2026-11-26T15:36:31.741556+00:00", "rollback_validated": false}
12	2	5	2026-11-26 15:36:31.741556+00	4	wait	min_reported	0 of 1 devices reported	{"now": "2026-11-26T15:36:31.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 6, "eligible": 6, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": 30, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 6, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
13	2	5	2026-11-26 15:36:33.741556+00	4	wait	coverage	16.7% of the devices reported, 90.0% needed	{"now": "2026-11-26T15:36:33.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 5, "eligible": 6, "compliant": 1, "succeeded": 1, "dispatched": 6}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": 30, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
14	2	5	2026-11-26 15:36:35.741556+00	4	pass	passed	6 of 6 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 60.7%	{"now": "2026-11-26T15:36:35.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 6, "compliant": 6, "succeeded": 6, "dispatched": 6}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": 30, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": "2026-11-26T15:36:35.741556+00:00", "rollback_validated": false}
15	2	6	2026-11-26 15:36:35.741556+00	4	wait	min_reported	0 of 1 devices reported	{"now": "2026-11-26T15:36:35.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 42, "eligible": 42, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 42, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
16	2	6	2026-11-26 15:36:36.741556+00	4	wait	coverage	9.5% of the devices reported, 90.0% needed	{"now": "2026-11-26T15:36:36.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 38, "eligible": 42, "compliant": 4, "succeeded": 4, "dispatched": 42}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
17	3	7	2026-11-26 15:36:39.741556+00	4	wait	min_reported	0 of 1 devices reported	{"now": "2026-11-26T15:36:39.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 2, "eligible": 2, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": true}, "findings": [], "incidents": [], "on_the_way": 2, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
18	2	6	2026-11-26 15:36:39.741556+00	4	pass	passed	42 of 42 reports succeeded (100.00%), coverage 100.0%	{"now": "2026-11-26T15:36:39.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 42, "compliant": 42, "succeeded": 42, "dispatched": 42}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": "2026-11-26T15:36:39.741556+00:00", "rollback_validated": false}
19	3	7	2026-11-26 15:36:41.741556+00	4	wait	rollback_validation	no device has been rolled back and installed again yet	{"now": "2026-11-26T15:36:41.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 2, "compliant": 2, "succeeded": 2, "dispatched": 2}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": true}, "findings": [], "incidents": [], "on_the_way": 1, "soak_waived": false, "soaking_since": "2026-11-26T15:36:41.741556+00:00", "rollback_validated": false}
20	3	7	2026-11-26 15:36:46.741556+00	4	pass	passed	2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%	{"now": "2026-11-26T15:36:46.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 2, "compliant": 2, "succeeded": 2, "dispatched": 2}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": true}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": "2026-11-26T15:36:41.741556+00:00", "rollback_validated": true}
21	3	8	2026-11-26 15:36:46.741556+00	4	wait	min_reported	0 of 1 devices reported	{"now": "2026-11-26T15:36:46.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 6, "eligible": 6, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 6, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
22	3	8	2026-11-26 15:36:48.741556+00	4	wait	coverage	16.7% of the devices reported, 90.0% needed	{"now": "2026-11-26T15:36:48.741556+00:00", "tally": {"failed": 1, "silent": 0, "pending": 5, "eligible": 6, "compliant": 0, "succeeded": 0, "dispatched": 6}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
23	3	8	2026-11-26 15:36:49.741556+00	4	fail	error_ceiling	4 of 6 devices failed, more than the ceiling of 20.0%	{"now": "2026-11-26T15:36:49.741556+00:00", "tally": {"failed": 4, "silent": 0, "pending": 2, "eligible": 6, "compliant": 0, "succeeded": 0, "dispatched": 6}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
24	4	10	2026-11-26 15:36:50.741556+00	4	wait	min_reported	0 of 1 devices reported	{"now": "2026-11-26T15:36:50.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 2, "eligible": 2, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": 30, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 2, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
25	5	13	2026-11-26 15:37:21.741556+00	4	wait	min_reported	0 of 1 devices reported	{"now": "2026-11-26T15:37:21.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 2, "eligible": 2, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": true}, "findings": [], "incidents": [], "on_the_way": 2, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
26	5	13	2026-11-26 15:37:23.741556+00	4	wait	rollback_validation	no device has been rolled back and installed again yet	{"now": "2026-11-26T15:37:23.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 2, "compliant": 2, "succeeded": 2, "dispatched": 2}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": true}, "findings": [], "incidents": [], "on_the_way": 1, "soak_waived": false, "soaking_since": "2026-11-26T15:37:23.741556+00:00", "rollback_validated": false}
27	5	13	2026-11-26 15:37:28.741556+00	4	pass	passed	2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%	{"now": "2026-11-26T15:37:28.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 2, "compliant": 2, "succeeded": 2, "dispatched": 2}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": true}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": "2026-11-26T15:37:23.741556+00:00", "rollback_validated": true}
28	5	14	2026-11-26 15:37:28.741556+00	4	wait	min_reported	0 of 1 devices reported	{"now": "2026-11-26T15:37:28.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 6, "eligible": 6, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 6, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
29	5	14	2026-11-26 15:37:30.741556+00	4	wait	coverage	16.7% of the devices reported, 90.0% needed	{"now": "2026-11-26T15:37:30.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 5, "eligible": 6, "compliant": 1, "succeeded": 1, "dispatched": 6}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
30	5	14	2026-11-26 15:37:32.741556+00	4	pass	passed	6 of 6 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 60.7%	{"now": "2026-11-26T15:37:32.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 6, "compliant": 6, "succeeded": 6, "dispatched": 6}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": "2026-11-26T15:37:32.741556+00:00", "rollback_validated": false}
31	5	15	2026-11-26 15:37:32.741556+00	4	wait	min_reported	0 of 1 devices reported	{"now": "2026-11-26T15:37:32.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 42, "eligible": 42, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 42, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
32	5	15	2026-11-26 15:37:33.741556+00	4	wait	coverage	9.5% of the devices reported, 90.0% needed	{"now": "2026-11-26T15:37:33.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 38, "eligible": 42, "compliant": 4, "succeeded": 4, "dispatched": 42}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
33	5	15	2026-11-26 15:37:36.741556+00	4	pass	passed	42 of 42 reports succeeded (100.00%), coverage 100.0%	{"now": "2026-11-26T15:37:36.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 42, "compliant": 42, "succeeded": 42, "dispatched": 42}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": "2026-11-26T15:37:36.741556+00:00", "rollback_validated": false}
34	6	16	2026-11-26 15:37:37.741556+00	4	wait	min_reported	0 of 1 devices reported	{"now": "2026-11-26T15:37:37.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 42, "eligible": 42, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P0", "compliant_within": {}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 42, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
35	7	19	2026-11-26 15:37:37.741556+00	4	wait	min_reported	0 of 1 devices reported	{"now": "2026-11-26T15:37:37.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 2, "eligible": 2, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 2, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
36	6	16	2026-11-26 15:37:58.741556+00	4	wait	coverage	4.8% of the devices reported, 90.0% needed	{"now": "2026-11-26T15:37:58.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 40, "eligible": 42, "compliant": 2, "succeeded": 2, "dispatched": 42}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P0", "compliant_within": {}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
37	7	19	2026-11-26 15:38:00.741556+00	4	wait	coverage	50.0% of the devices reported, 90.0% needed	{"now": "2026-11-26T15:38:00.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 1, "eligible": 2, "compliant": 1, "succeeded": 1, "dispatched": 2}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
38	7	19	2026-11-26 15:38:01.741556+00	4	pass	passed	2 of 2 reports succeeded (100.00%), coverage 100.0%; so few devices prove no more than 22.4%	{"now": "2026-11-26T15:38:01.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 0, "eligible": 2, "compliant": 2, "succeeded": 2, "dispatched": 2}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 0, "soak_waived": false, "soaking_since": "2026-11-26T15:38:01.741556+00:00", "rollback_validated": false}
39	7	20	2026-11-26 15:38:01.741556+00	4	wait	min_reported	0 of 1 devices reported	{"now": "2026-11-26T15:38:01.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 6, "eligible": 6, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 60, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "findings": [], "incidents": [], "on_the_way": 6, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
40	8	22	2026-11-26 15:38:02.741556+00	4	wait	min_reported	0 of 1 devices reported	{"now": "2026-11-26T15:38:02.741556+00:00", "tally": {"failed": 0, "silent": 0, "pending": 2, "eligible": 2, "compliant": 0, "succeeded": 0, "dispatched": 0}, "policy": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": true}, "findings": [], "incidents": [], "on_the_way": 2, "soak_waived": false, "soaking_since": null, "rollback_validated": false}
\.


--
-- Data for Name: idempotency_keys; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.idempotency_keys (token_id, key, request_hash, created_at, status, headers, body) FROM stdin;
1	the-first-one	\\xd84197792906c9fdc73517ca64a2e773bf94022dc766fcb912e25e1d2c795c23	2026-11-26 15:35:53.741556+00	201	{"ETag": "\\"1\\"", "Location": "/api/v1/deployments/1", "Content-Type": "application/json"}	\\x7b226964223a312c226170706c69636174696f6e223a2276706e222c2272656c65617365223a22312e30222c22706c6174666f726d223a2277696e646f7773222c2261727469666163745f68617368223a227368613235363a61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161222c22706c616e223a22717569636b222c22706c616e5f76657273696f6e223a312c2273636f7065223a7b2274616773223a5b5d2c22736974655f636c6173736573223a5b5d2c22627573696e6573735f756e697473223a5b5d7d2c226b696e64223a22726f6c6c6f7574222c22726f6c6c735f6261636b223a6e756c6c2c2273757065727365646573223a6e756c6c2c227374617465223a22706c616e6e696e67222c22726561736f6e223a22726571756573746564222c2276657273696f6e223a312c227265717565737465645f6279223a22746573746572222c22637265617465645f6174223a22323032362d31312d32365431353a33353a35332e3734315a222c22737461727465645f6174223a6e756c6c2c2266696e69736865645f6174223a6e756c6c2c22686f6c6473223a5b5d2c2272696e6773223a5b7b226e616d65223a226c6162222c226b6579223a226c6162222c227374617465223a2270656e64696e67222c227461726765746564223a302c226578636c75646564223a302c22656c696769626c65223a302c22737563636565646564223a302c226661696c6564223a302c2273696c656e74223a302c2270656e64696e67223a302c2264697370617463686564223a302c22636f6d706c69616e74223a302c2276616c69646174696f6e223a6e756c6c2c2276657264696374223a6e756c6c2c22766572646963745f636f6465223a6e756c6c2c22766572646963745f726561736f6e223a6e756c6c2c22646973706174636865645f6174223a6e756c6c2c22636f76657265645f6174223a6e756c6c2c2266696e69736865645f6174223a6e756c6c2c22737563636573735f72617465223a6e756c6c2c22636f766572616765223a6e756c6c7d2c7b226e616d65223a2263616e617279222c226b6579223a2263616e617279222c227374617465223a2270656e64696e67222c227461726765746564223a302c226578636c75646564223a302c22656c696769626c65223a302c22737563636565646564223a302c226661696c6564223a302c2273696c656e74223a302c2270656e64696e67223a302c2264697370617463686564223a302c22636f6d706c69616e74223a302c2276616c69646174696f6e223a6e756c6c2c2276657264696374223a6e756c6c2c22766572646963745f636f6465223a6e756c6c2c22766572646963745f726561736f6e223a6e756c6c2c22646973706174636865645f6174223a6e756c6c2c22636f76657265645f6174223a6e756c6c2c2266696e69736865645f6174223a6e756c6c2c22737563636573735f72617465223a6e756c6c2c22636f766572616765223a6e756c6c7d2c7b226e616d65223a2270696c6f74222c226b6579223a2270696c6f74222c227374617465223a2270656e64696e67222c227461726765746564223a302c226578636c75646564223a302c22656c696769626c65223a302c22737563636565646564223a302c226661696c6564223a302c2273696c656e74223a302c2270656e64696e67223a302c2264697370617463686564223a302c22636f6d706c69616e74223a302c2276616c69646174696f6e223a6e756c6c2c2276657264696374223a6e756c6c2c22766572646963745f636f6465223a6e756c6c2c22766572646963745f726561736f6e223a6e756c6c2c22646973706174636865645f6174223a6e756c6c2c22636f76657265645f6174223a6e756c6c2c2266696e69736865645f6174223a6e756c6c2c22737563636573735f72617465223a6e756c6c2c22636f766572616765223a6e756c6c7d5d7d0a
\.


--
-- Data for Name: installations; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.installations (device_id, application_id, release_id, deployment_id, at) FROM stdin;
1	1	1	1	2026-11-26 15:35:55.401563+00
2	1	1	1	2026-11-26 15:36:06.649742+00
3	1	1	1	2026-11-26 15:36:08.738699+00
4	1	1	1	2026-11-26 15:36:05.97473+00
5	1	1	1	2026-11-26 15:36:07.597768+00
6	1	1	1	2026-11-26 15:36:05.74411+00
7	1	1	1	2026-11-26 15:36:08.202077+00
8	1	1	1	2026-11-26 15:36:07.913467+00
9	1	1	1	2026-11-26 15:36:05.495875+00
10	1	1	1	2026-11-26 15:36:05.948293+00
11	1	1	1	2026-11-26 15:36:06.523578+00
12	1	1	1	2026-11-26 15:36:02.753301+00
13	1	1	1	2026-11-26 15:36:07.864983+00
14	1	1	1	2026-11-26 15:36:06.633493+00
15	1	1	1	2026-11-26 15:36:07.281771+00
16	1	1	1	2026-11-26 15:36:06.278174+00
17	1	1	1	2026-11-26 15:36:04.666624+00
18	1	1	1	2026-11-26 15:36:08.434204+00
19	1	1	1	2026-11-26 15:36:07.141228+00
20	1	1	1	2026-11-26 15:36:06.253063+00
21	1	1	1	2026-11-26 15:36:06.454954+00
22	1	1	1	2026-11-26 15:36:07.859598+00
23	1	1	1	2026-11-26 15:36:07.315772+00
24	1	1	1	2026-11-26 15:36:08.246445+00
25	1	1	1	2026-11-26 15:36:06.112343+00
26	1	1	1	2026-11-26 15:35:54.932549+00
27	1	1	1	2026-11-26 15:36:08.003586+00
28	1	1	1	2026-11-26 15:36:08.105772+00
29	1	1	1	2026-11-26 15:36:06.625487+00
30	1	1	1	2026-11-26 15:36:05.057226+00
31	1	1	1	2026-11-26 15:36:05.809489+00
32	1	1	1	2026-11-26 15:36:06.405432+00
33	1	1	1	2026-11-26 15:36:05.660106+00
34	1	1	1	2026-11-26 15:36:06.740013+00
35	1	1	1	2026-11-26 15:36:07.841598+00
36	1	1	1	2026-11-26 15:36:04.038654+00
37	1	1	1	2026-11-26 15:36:03.013235+00
38	1	1	1	2026-11-26 15:36:07.16906+00
39	1	1	1	2026-11-26 15:36:06.396153+00
40	1	1	1	2026-11-26 15:36:03.099801+00
41	1	1	1	2026-11-26 15:36:07.388236+00
42	1	1	1	2026-11-26 15:36:08.523076+00
43	1	1	1	2026-11-26 15:36:05.726318+00
44	1	1	1	2026-11-26 15:36:02.023458+00
45	1	1	1	2026-11-26 15:36:07.261095+00
46	1	1	1	2026-11-26 15:36:08.13626+00
47	1	1	1	2026-11-26 15:36:07.231036+00
48	1	1	1	2026-11-26 15:36:07.199596+00
49	1	1	1	2026-11-26 15:36:08.669416+00
50	1	1	1	2026-11-26 15:36:08.631528+00
1	2	2	2	2026-11-26 15:36:31.401563+00
2	2	2	2	2026-11-26 15:36:37.649742+00
3	2	2	2	2026-11-26 15:36:39.738699+00
4	2	2	2	2026-11-26 15:36:36.97473+00
5	2	2	2	2026-11-26 15:36:38.597768+00
6	2	2	2	2026-11-26 15:36:36.74411+00
7	2	2	2	2026-11-26 15:36:39.202077+00
8	2	2	2	2026-11-26 15:36:38.913467+00
9	2	2	2	2026-11-26 15:36:36.495875+00
10	2	2	2	2026-11-26 15:36:36.948293+00
11	2	2	2	2026-11-26 15:36:37.523578+00
12	2	2	2	2026-11-26 15:36:33.753301+00
13	2	2	2	2026-11-26 15:36:38.864983+00
14	2	2	2	2026-11-26 15:36:37.633493+00
15	2	2	2	2026-11-26 15:36:38.281771+00
16	2	2	2	2026-11-26 15:36:37.278174+00
17	2	2	2	2026-11-26 15:36:35.666624+00
18	2	2	2	2026-11-26 15:36:39.434204+00
19	2	2	2	2026-11-26 15:36:38.141228+00
20	2	2	2	2026-11-26 15:36:37.253063+00
21	2	2	2	2026-11-26 15:36:37.454954+00
22	2	2	2	2026-11-26 15:36:38.859598+00
23	2	2	2	2026-11-26 15:36:38.315772+00
24	2	2	2	2026-11-26 15:36:39.246445+00
25	2	2	2	2026-11-26 15:36:37.112343+00
26	2	2	2	2026-11-26 15:36:30.932549+00
27	2	2	2	2026-11-26 15:36:39.003586+00
28	2	2	2	2026-11-26 15:36:39.105772+00
29	2	2	2	2026-11-26 15:36:37.625487+00
30	2	2	2	2026-11-26 15:36:36.057226+00
31	2	2	2	2026-11-26 15:36:36.809489+00
32	2	2	2	2026-11-26 15:36:37.405432+00
33	2	2	2	2026-11-26 15:36:36.660106+00
34	2	2	2	2026-11-26 15:36:37.740013+00
35	2	2	2	2026-11-26 15:36:38.841598+00
36	2	2	2	2026-11-26 15:36:35.038654+00
37	2	2	2	2026-11-26 15:36:34.013235+00
38	2	2	2	2026-11-26 15:36:38.16906+00
39	2	2	2	2026-11-26 15:36:37.396153+00
40	2	2	2	2026-11-26 15:36:34.099801+00
41	2	2	2	2026-11-26 15:36:38.388236+00
42	2	2	2	2026-11-26 15:36:39.523076+00
43	2	2	2	2026-11-26 15:36:36.726318+00
44	2	2	2	2026-11-26 15:36:33.023458+00
45	2	2	2	2026-11-26 15:36:38.261095+00
46	2	2	2	2026-11-26 15:36:39.13626+00
47	2	2	2	2026-11-26 15:36:38.231036+00
48	2	2	2	2026-11-26 15:36:38.199596+00
49	2	2	2	2026-11-26 15:36:39.669416+00
50	2	2	2	2026-11-26 15:36:39.631528+00
1	5	5	5	2026-11-26 15:37:23.401563+00
2	5	5	5	2026-11-26 15:37:34.649742+00
3	5	5	5	2026-11-26 15:37:36.738699+00
4	5	5	5	2026-11-26 15:37:33.97473+00
5	5	5	5	2026-11-26 15:37:35.597768+00
6	5	5	5	2026-11-26 15:37:33.74411+00
7	5	5	5	2026-11-26 15:37:36.202077+00
8	5	5	5	2026-11-26 15:37:35.913467+00
9	5	5	5	2026-11-26 15:37:33.495875+00
10	5	5	5	2026-11-26 15:37:33.948293+00
11	5	5	5	2026-11-26 15:37:34.523578+00
12	5	5	5	2026-11-26 15:37:30.753301+00
13	5	5	5	2026-11-26 15:37:35.864983+00
14	5	5	5	2026-11-26 15:37:34.633493+00
15	5	5	5	2026-11-26 15:37:35.281771+00
16	5	5	5	2026-11-26 15:37:34.278174+00
17	5	5	5	2026-11-26 15:37:32.666624+00
18	5	5	5	2026-11-26 15:37:36.434204+00
19	5	5	5	2026-11-26 15:37:35.141228+00
20	5	5	5	2026-11-26 15:37:34.253063+00
21	5	5	5	2026-11-26 15:37:34.454954+00
22	5	5	5	2026-11-26 15:37:35.859598+00
23	5	5	5	2026-11-26 15:37:35.315772+00
24	5	5	5	2026-11-26 15:37:36.246445+00
25	5	5	5	2026-11-26 15:37:34.112343+00
26	5	5	5	2026-11-26 15:37:22.932549+00
27	5	5	5	2026-11-26 15:37:36.003586+00
28	5	5	5	2026-11-26 15:37:36.105772+00
29	5	5	5	2026-11-26 15:37:34.625487+00
30	5	5	5	2026-11-26 15:37:33.057226+00
31	5	5	5	2026-11-26 15:37:33.809489+00
32	5	5	5	2026-11-26 15:37:34.405432+00
33	5	5	5	2026-11-26 15:37:33.660106+00
34	5	5	5	2026-11-26 15:37:34.740013+00
35	5	5	5	2026-11-26 15:37:35.841598+00
36	5	5	5	2026-11-26 15:37:32.038654+00
37	5	5	5	2026-11-26 15:37:31.013235+00
38	5	5	5	2026-11-26 15:37:35.16906+00
39	5	5	5	2026-11-26 15:37:34.396153+00
40	5	5	5	2026-11-26 15:37:31.099801+00
41	5	5	5	2026-11-26 15:37:35.388236+00
42	5	5	5	2026-11-26 15:37:36.523076+00
43	5	5	5	2026-11-26 15:37:33.726318+00
44	5	5	5	2026-11-26 15:37:30.023458+00
45	5	5	5	2026-11-26 15:37:35.261095+00
46	5	5	5	2026-11-26 15:37:36.13626+00
47	5	5	5	2026-11-26 15:37:35.231036+00
48	5	5	5	2026-11-26 15:37:35.199596+00
49	5	5	5	2026-11-26 15:37:36.669416+00
50	5	5	5	2026-11-26 15:37:36.631528+00
\.


--
-- Data for Name: measurements; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.measurements (id, deployment_id, ring_id, analysis, at, phase, value, detail, points) FROM stdin;
\.


--
-- Data for Name: reports; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.reports (id, source, external_id, sequence, assignment_id, outcome, reason, occurred_at, received_at) FROM stdin;
1	simulated	dev-00000	11	40	installing	downloaded	2026-11-26 15:35:54.405559+00	2026-11-26 15:35:54.741556+00
2	simulated	dev-00025	11	23	installing	downloaded	2026-11-26 15:35:54.217953+00	2026-11-26 15:35:54.741556+00
3	simulated	dev-00000	12	40	succeeded	installed	2026-11-26 15:35:55.401563+00	2026-11-26 15:35:55.741556+00
4	simulated	dev-00025	12	23	succeeded	installed	2026-11-26 15:35:54.932549+00	2026-11-26 15:35:55.741556+00
5	simulated	dev-00011	41	1	installing	downloaded	2026-11-26 15:36:01.546254+00	2026-11-26 15:36:01.741556+00
6	simulated	dev-00036	41	6	installing	downloaded	2026-11-26 15:36:01.650228+00	2026-11-26 15:36:01.741556+00
7	simulated	dev-00039	41	4	installing	downloaded	2026-11-26 15:36:01.684854+00	2026-11-26 15:36:01.741556+00
8	simulated	dev-00043	41	2	installing	downloaded	2026-11-26 15:36:01.254317+00	2026-11-26 15:36:01.741556+00
9	simulated	dev-00016	41	3	installing	downloaded	2026-11-26 15:36:02.311583+00	2026-11-26 15:36:02.741556+00
10	simulated	dev-00035	41	5	installing	downloaded	2026-11-26 15:36:02.060395+00	2026-11-26 15:36:02.741556+00
11	simulated	dev-00043	42	2	succeeded	installed	2026-11-26 15:36:02.023458+00	2026-11-26 15:36:02.741556+00
12	simulated	dev-00011	42	1	succeeded	installed	2026-11-26 15:36:02.753301+00	2026-11-26 15:36:03.741556+00
13	simulated	dev-00036	42	6	succeeded	installed	2026-11-26 15:36:03.013235+00	2026-11-26 15:36:03.741556+00
14	simulated	dev-00039	42	4	succeeded	installed	2026-11-26 15:36:03.099801+00	2026-11-26 15:36:03.741556+00
15	simulated	dev-00016	42	3	succeeded	installed	2026-11-26 15:36:04.666624+00	2026-11-26 15:36:04.741556+00
16	simulated	dev-00035	42	5	succeeded	installed	2026-11-26 15:36:04.038654+00	2026-11-26 15:36:04.741556+00
17	simulated	dev-00001	51	44	installing	downloaded	2026-11-26 15:36:05.50483+00	2026-11-26 15:36:05.741556+00
18	simulated	dev-00003	51	28	installing	downloaded	2026-11-26 15:36:05.234826+00	2026-11-26 15:36:05.741556+00
19	simulated	dev-00005	51	38	installing	downloaded	2026-11-26 15:36:05.142577+00	2026-11-26 15:36:05.741556+00
20	simulated	dev-00008	51	25	installing	downloaded	2026-11-26 15:36:05.043283+00	2026-11-26 15:36:05.741556+00
21	simulated	dev-00008	52	25	succeeded	installed	2026-11-26 15:36:05.495875+00	2026-11-26 15:36:05.741556+00
22	simulated	dev-00009	51	33	installing	downloaded	2026-11-26 15:36:05.224251+00	2026-11-26 15:36:05.741556+00
23	simulated	dev-00010	51	21	installing	downloaded	2026-11-26 15:36:05.454365+00	2026-11-26 15:36:05.741556+00
24	simulated	dev-00013	51	46	installing	downloaded	2026-11-26 15:36:05.498331+00	2026-11-26 15:36:05.741556+00
25	simulated	dev-00015	51	22	installing	downloaded	2026-11-26 15:36:05.356203+00	2026-11-26 15:36:05.741556+00
26	simulated	dev-00018	51	29	installing	downloaded	2026-11-26 15:36:05.701425+00	2026-11-26 15:36:05.741556+00
27	simulated	dev-00019	51	34	installing	downloaded	2026-11-26 15:36:05.346159+00	2026-11-26 15:36:05.741556+00
28	simulated	dev-00020	51	36	installing	downloaded	2026-11-26 15:36:05.426915+00	2026-11-26 15:36:05.741556+00
29	simulated	dev-00024	51	27	installing	downloaded	2026-11-26 15:36:05.289871+00	2026-11-26 15:36:05.741556+00
30	simulated	dev-00028	51	42	installing	downloaded	2026-11-26 15:36:05.495128+00	2026-11-26 15:36:05.741556+00
31	simulated	dev-00029	51	8	installing	downloaded	2026-11-26 15:36:04.867824+00	2026-11-26 15:36:05.741556+00
32	simulated	dev-00029	52	8	succeeded	installed	2026-11-26 15:36:05.057226+00	2026-11-26 15:36:05.741556+00
33	simulated	dev-00030	51	16	installing	downloaded	2026-11-26 15:36:05.168729+00	2026-11-26 15:36:05.741556+00
34	simulated	dev-00031	51	12	installing	downloaded	2026-11-26 15:36:05.407107+00	2026-11-26 15:36:05.741556+00
35	simulated	dev-00032	51	39	installing	downloaded	2026-11-26 15:36:05.108976+00	2026-11-26 15:36:05.741556+00
36	simulated	dev-00032	52	39	succeeded	installed	2026-11-26 15:36:05.660106+00	2026-11-26 15:36:05.741556+00
37	simulated	dev-00033	51	48	installing	downloaded	2026-11-26 15:36:05.540939+00	2026-11-26 15:36:05.741556+00
38	simulated	dev-00037	51	26	installing	downloaded	2026-11-26 15:36:05.712558+00	2026-11-26 15:36:05.741556+00
39	simulated	dev-00038	51	49	installing	downloaded	2026-11-26 15:36:05.403395+00	2026-11-26 15:36:05.741556+00
40	simulated	dev-00042	51	9	installing	downloaded	2026-11-26 15:36:05.135461+00	2026-11-26 15:36:05.741556+00
41	simulated	dev-00042	52	9	succeeded	installed	2026-11-26 15:36:05.726318+00	2026-11-26 15:36:05.741556+00
42	simulated	dev-00046	51	20	installing	downloaded	2026-11-26 15:36:05.737348+00	2026-11-26 15:36:05.741556+00
43	simulated	dev-00047	51	43	installing	downloaded	2026-11-26 15:36:05.724772+00	2026-11-26 15:36:05.741556+00
44	simulated	dev-00001	52	44	succeeded	installed	2026-11-26 15:36:06.649742+00	2026-11-26 15:36:06.741556+00
45	simulated	dev-00002	51	17	installing	downloaded	2026-11-26 15:36:06.340413+00	2026-11-26 15:36:06.741556+00
46	simulated	dev-00003	52	28	succeeded	installed	2026-11-26 15:36:05.97473+00	2026-11-26 15:36:06.741556+00
47	simulated	dev-00004	51	24	installing	downloaded	2026-11-26 15:36:05.884041+00	2026-11-26 15:36:06.741556+00
48	simulated	dev-00005	52	38	succeeded	installed	2026-11-26 15:36:05.74411+00	2026-11-26 15:36:06.741556+00
49	simulated	dev-00006	51	19	installing	downloaded	2026-11-26 15:36:06.125764+00	2026-11-26 15:36:06.741556+00
50	simulated	dev-00007	51	18	installing	downloaded	2026-11-26 15:36:06.01032+00	2026-11-26 15:36:06.741556+00
51	simulated	dev-00009	52	33	succeeded	installed	2026-11-26 15:36:05.948293+00	2026-11-26 15:36:06.741556+00
52	simulated	dev-00010	52	21	succeeded	installed	2026-11-26 15:36:06.523578+00	2026-11-26 15:36:06.741556+00
53	simulated	dev-00012	51	10	installing	downloaded	2026-11-26 15:36:05.990927+00	2026-11-26 15:36:06.741556+00
54	simulated	dev-00013	52	46	succeeded	installed	2026-11-26 15:36:06.633493+00	2026-11-26 15:36:06.741556+00
55	simulated	dev-00014	51	30	installing	downloaded	2026-11-26 15:36:05.757642+00	2026-11-26 15:36:06.741556+00
56	simulated	dev-00015	52	22	succeeded	installed	2026-11-26 15:36:06.278174+00	2026-11-26 15:36:06.741556+00
57	simulated	dev-00017	51	35	installing	downloaded	2026-11-26 15:36:06.218615+00	2026-11-26 15:36:06.741556+00
58	simulated	dev-00019	52	34	succeeded	installed	2026-11-26 15:36:06.253063+00	2026-11-26 15:36:06.741556+00
59	simulated	dev-00020	52	36	succeeded	installed	2026-11-26 15:36:06.454954+00	2026-11-26 15:36:06.741556+00
60	simulated	dev-00021	51	11	installing	downloaded	2026-11-26 15:36:05.988773+00	2026-11-26 15:36:06.741556+00
61	simulated	dev-00022	51	41	installing	downloaded	2026-11-26 15:36:05.771242+00	2026-11-26 15:36:06.741556+00
62	simulated	dev-00023	51	32	installing	downloaded	2026-11-26 15:36:06.143511+00	2026-11-26 15:36:06.741556+00
63	simulated	dev-00024	52	27	succeeded	installed	2026-11-26 15:36:06.112343+00	2026-11-26 15:36:06.741556+00
64	simulated	dev-00026	51	45	installing	downloaded	2026-11-26 15:36:06.046368+00	2026-11-26 15:36:06.741556+00
65	simulated	dev-00027	51	37	installing	downloaded	2026-11-26 15:36:06.087242+00	2026-11-26 15:36:06.741556+00
66	simulated	dev-00028	52	42	succeeded	installed	2026-11-26 15:36:06.625487+00	2026-11-26 15:36:06.741556+00
67	simulated	dev-00030	52	16	succeeded	installed	2026-11-26 15:36:05.809489+00	2026-11-26 15:36:06.741556+00
68	simulated	dev-00031	52	12	succeeded	installed	2026-11-26 15:36:06.405432+00	2026-11-26 15:36:06.741556+00
69	simulated	dev-00033	52	48	succeeded	installed	2026-11-26 15:36:06.740013+00	2026-11-26 15:36:06.741556+00
70	simulated	dev-00034	51	15	installing	downloaded	2026-11-26 15:36:05.981573+00	2026-11-26 15:36:06.741556+00
71	simulated	dev-00038	52	49	succeeded	installed	2026-11-26 15:36:06.396153+00	2026-11-26 15:36:06.741556+00
72	simulated	dev-00040	51	13	installing	downloaded	2026-11-26 15:36:05.800228+00	2026-11-26 15:36:06.741556+00
73	simulated	dev-00041	51	50	installing	downloaded	2026-11-26 15:36:06.254164+00	2026-11-26 15:36:06.741556+00
74	simulated	dev-00044	51	47	installing	downloaded	2026-11-26 15:36:05.749372+00	2026-11-26 15:36:06.741556+00
75	simulated	dev-00045	51	14	installing	downloaded	2026-11-26 15:36:06.099438+00	2026-11-26 15:36:06.741556+00
76	simulated	dev-00048	51	7	installing	downloaded	2026-11-26 15:36:06.3127+00	2026-11-26 15:36:06.741556+00
77	simulated	dev-00049	51	31	installing	downloaded	2026-11-26 15:36:06.297545+00	2026-11-26 15:36:06.741556+00
78	simulated	dev-00004	52	24	succeeded	installed	2026-11-26 15:36:07.597768+00	2026-11-26 15:36:07.741556+00
79	simulated	dev-00014	52	30	succeeded	installed	2026-11-26 15:36:07.281771+00	2026-11-26 15:36:07.741556+00
80	simulated	dev-00018	52	29	succeeded	installed	2026-11-26 15:36:07.141228+00	2026-11-26 15:36:07.741556+00
81	simulated	dev-00022	52	41	succeeded	installed	2026-11-26 15:36:07.315772+00	2026-11-26 15:36:07.741556+00
82	simulated	dev-00037	52	26	succeeded	installed	2026-11-26 15:36:07.16906+00	2026-11-26 15:36:07.741556+00
83	simulated	dev-00040	52	13	succeeded	installed	2026-11-26 15:36:07.388236+00	2026-11-26 15:36:07.741556+00
84	simulated	dev-00044	52	47	succeeded	installed	2026-11-26 15:36:07.261095+00	2026-11-26 15:36:07.741556+00
85	simulated	dev-00046	52	20	succeeded	installed	2026-11-26 15:36:07.231036+00	2026-11-26 15:36:07.741556+00
86	simulated	dev-00047	52	43	succeeded	installed	2026-11-26 15:36:07.199596+00	2026-11-26 15:36:07.741556+00
87	simulated	dev-00002	52	17	succeeded	installed	2026-11-26 15:36:08.738699+00	2026-11-26 15:36:08.741556+00
88	simulated	dev-00006	52	19	succeeded	installed	2026-11-26 15:36:08.202077+00	2026-11-26 15:36:08.741556+00
89	simulated	dev-00007	52	18	succeeded	installed	2026-11-26 15:36:07.913467+00	2026-11-26 15:36:08.741556+00
90	simulated	dev-00012	52	10	succeeded	installed	2026-11-26 15:36:07.864983+00	2026-11-26 15:36:08.741556+00
91	simulated	dev-00017	52	35	succeeded	installed	2026-11-26 15:36:08.434204+00	2026-11-26 15:36:08.741556+00
92	simulated	dev-00021	52	11	succeeded	installed	2026-11-26 15:36:07.859598+00	2026-11-26 15:36:08.741556+00
93	simulated	dev-00023	52	32	succeeded	installed	2026-11-26 15:36:08.246445+00	2026-11-26 15:36:08.741556+00
94	simulated	dev-00026	52	45	succeeded	installed	2026-11-26 15:36:08.003586+00	2026-11-26 15:36:08.741556+00
95	simulated	dev-00027	52	37	succeeded	installed	2026-11-26 15:36:08.105772+00	2026-11-26 15:36:08.741556+00
96	simulated	dev-00034	52	15	succeeded	installed	2026-11-26 15:36:07.841598+00	2026-11-26 15:36:08.741556+00
97	simulated	dev-00041	52	50	succeeded	installed	2026-11-26 15:36:08.523076+00	2026-11-26 15:36:08.741556+00
98	simulated	dev-00045	52	14	succeeded	installed	2026-11-26 15:36:08.13626+00	2026-11-26 15:36:08.741556+00
99	simulated	dev-00048	52	7	succeeded	installed	2026-11-26 15:36:08.669416+00	2026-11-26 15:36:08.741556+00
100	simulated	dev-00049	52	31	succeeded	installed	2026-11-26 15:36:08.631528+00	2026-11-26 15:36:08.741556+00
101	simulated	dev-00000	61	90	installing	downloaded	2026-11-26 15:36:30.405559+00	2026-11-26 15:36:30.741556+00
102	simulated	dev-00025	61	73	installing	downloaded	2026-11-26 15:36:30.217953+00	2026-11-26 15:36:30.741556+00
103	simulated	dev-00000	62	90	succeeded	installed	2026-11-26 15:36:31.401563+00	2026-11-26 15:36:31.741556+00
104	simulated	dev-00025	62	73	succeeded	installed	2026-11-26 15:36:30.932549+00	2026-11-26 15:36:31.741556+00
105	simulated	dev-00011	71	51	installing	downloaded	2026-11-26 15:36:32.546254+00	2026-11-26 15:36:32.741556+00
106	simulated	dev-00036	71	56	installing	downloaded	2026-11-26 15:36:32.650228+00	2026-11-26 15:36:32.741556+00
107	simulated	dev-00039	71	54	installing	downloaded	2026-11-26 15:36:32.684854+00	2026-11-26 15:36:32.741556+00
108	simulated	dev-00043	71	52	installing	downloaded	2026-11-26 15:36:32.254317+00	2026-11-26 15:36:32.741556+00
109	simulated	dev-00016	71	53	installing	downloaded	2026-11-26 15:36:33.311583+00	2026-11-26 15:36:33.741556+00
110	simulated	dev-00035	71	55	installing	downloaded	2026-11-26 15:36:33.060395+00	2026-11-26 15:36:33.741556+00
111	simulated	dev-00043	72	52	succeeded	installed	2026-11-26 15:36:33.023458+00	2026-11-26 15:36:33.741556+00
112	simulated	dev-00011	72	51	succeeded	installed	2026-11-26 15:36:33.753301+00	2026-11-26 15:36:34.741556+00
113	simulated	dev-00036	72	56	succeeded	installed	2026-11-26 15:36:34.013235+00	2026-11-26 15:36:34.741556+00
114	simulated	dev-00039	72	54	succeeded	installed	2026-11-26 15:36:34.099801+00	2026-11-26 15:36:34.741556+00
115	simulated	dev-00016	72	53	succeeded	installed	2026-11-26 15:36:35.666624+00	2026-11-26 15:36:35.741556+00
116	simulated	dev-00035	72	55	succeeded	installed	2026-11-26 15:36:35.038654+00	2026-11-26 15:36:35.741556+00
117	simulated	dev-00001	81	94	installing	downloaded	2026-11-26 15:36:36.50483+00	2026-11-26 15:36:36.741556+00
118	simulated	dev-00003	81	78	installing	downloaded	2026-11-26 15:36:36.234826+00	2026-11-26 15:36:36.741556+00
119	simulated	dev-00005	81	88	installing	downloaded	2026-11-26 15:36:36.142577+00	2026-11-26 15:36:36.741556+00
120	simulated	dev-00008	81	75	installing	downloaded	2026-11-26 15:36:36.043283+00	2026-11-26 15:36:36.741556+00
121	simulated	dev-00008	82	75	succeeded	installed	2026-11-26 15:36:36.495875+00	2026-11-26 15:36:36.741556+00
122	simulated	dev-00009	81	83	installing	downloaded	2026-11-26 15:36:36.224251+00	2026-11-26 15:36:36.741556+00
123	simulated	dev-00010	81	71	installing	downloaded	2026-11-26 15:36:36.454365+00	2026-11-26 15:36:36.741556+00
124	simulated	dev-00013	81	96	installing	downloaded	2026-11-26 15:36:36.498331+00	2026-11-26 15:36:36.741556+00
125	simulated	dev-00015	81	72	installing	downloaded	2026-11-26 15:36:36.356203+00	2026-11-26 15:36:36.741556+00
126	simulated	dev-00018	81	79	installing	downloaded	2026-11-26 15:36:36.701425+00	2026-11-26 15:36:36.741556+00
127	simulated	dev-00019	81	84	installing	downloaded	2026-11-26 15:36:36.346159+00	2026-11-26 15:36:36.741556+00
128	simulated	dev-00020	81	86	installing	downloaded	2026-11-26 15:36:36.426915+00	2026-11-26 15:36:36.741556+00
129	simulated	dev-00024	81	77	installing	downloaded	2026-11-26 15:36:36.289871+00	2026-11-26 15:36:36.741556+00
130	simulated	dev-00028	81	92	installing	downloaded	2026-11-26 15:36:36.495128+00	2026-11-26 15:36:36.741556+00
131	simulated	dev-00029	81	58	installing	downloaded	2026-11-26 15:36:35.867824+00	2026-11-26 15:36:36.741556+00
132	simulated	dev-00029	82	58	succeeded	installed	2026-11-26 15:36:36.057226+00	2026-11-26 15:36:36.741556+00
133	simulated	dev-00030	81	66	installing	downloaded	2026-11-26 15:36:36.168729+00	2026-11-26 15:36:36.741556+00
134	simulated	dev-00031	81	62	installing	downloaded	2026-11-26 15:36:36.407107+00	2026-11-26 15:36:36.741556+00
135	simulated	dev-00032	81	89	installing	downloaded	2026-11-26 15:36:36.108976+00	2026-11-26 15:36:36.741556+00
136	simulated	dev-00032	82	89	succeeded	installed	2026-11-26 15:36:36.660106+00	2026-11-26 15:36:36.741556+00
137	simulated	dev-00033	81	98	installing	downloaded	2026-11-26 15:36:36.540939+00	2026-11-26 15:36:36.741556+00
138	simulated	dev-00037	81	76	installing	downloaded	2026-11-26 15:36:36.712558+00	2026-11-26 15:36:36.741556+00
139	simulated	dev-00038	81	99	installing	downloaded	2026-11-26 15:36:36.403395+00	2026-11-26 15:36:36.741556+00
140	simulated	dev-00042	81	59	installing	downloaded	2026-11-26 15:36:36.135461+00	2026-11-26 15:36:36.741556+00
141	simulated	dev-00042	82	59	succeeded	installed	2026-11-26 15:36:36.726318+00	2026-11-26 15:36:36.741556+00
142	simulated	dev-00046	81	70	installing	downloaded	2026-11-26 15:36:36.737348+00	2026-11-26 15:36:36.741556+00
143	simulated	dev-00047	81	93	installing	downloaded	2026-11-26 15:36:36.724772+00	2026-11-26 15:36:36.741556+00
144	simulated	dev-00001	82	94	succeeded	installed	2026-11-26 15:36:37.649742+00	2026-11-26 15:36:37.741556+00
145	simulated	dev-00002	81	67	installing	downloaded	2026-11-26 15:36:37.340413+00	2026-11-26 15:36:37.741556+00
146	simulated	dev-00003	82	78	succeeded	installed	2026-11-26 15:36:36.97473+00	2026-11-26 15:36:37.741556+00
147	simulated	dev-00004	81	74	installing	downloaded	2026-11-26 15:36:36.884041+00	2026-11-26 15:36:37.741556+00
148	simulated	dev-00005	82	88	succeeded	installed	2026-11-26 15:36:36.74411+00	2026-11-26 15:36:37.741556+00
149	simulated	dev-00006	81	69	installing	downloaded	2026-11-26 15:36:37.125764+00	2026-11-26 15:36:37.741556+00
150	simulated	dev-00007	81	68	installing	downloaded	2026-11-26 15:36:37.01032+00	2026-11-26 15:36:37.741556+00
151	simulated	dev-00009	82	83	succeeded	installed	2026-11-26 15:36:36.948293+00	2026-11-26 15:36:37.741556+00
152	simulated	dev-00010	82	71	succeeded	installed	2026-11-26 15:36:37.523578+00	2026-11-26 15:36:37.741556+00
153	simulated	dev-00012	81	60	installing	downloaded	2026-11-26 15:36:36.990927+00	2026-11-26 15:36:37.741556+00
154	simulated	dev-00013	82	96	succeeded	installed	2026-11-26 15:36:37.633493+00	2026-11-26 15:36:37.741556+00
155	simulated	dev-00014	81	80	installing	downloaded	2026-11-26 15:36:36.757642+00	2026-11-26 15:36:37.741556+00
156	simulated	dev-00015	82	72	succeeded	installed	2026-11-26 15:36:37.278174+00	2026-11-26 15:36:37.741556+00
157	simulated	dev-00017	81	85	installing	downloaded	2026-11-26 15:36:37.218615+00	2026-11-26 15:36:37.741556+00
158	simulated	dev-00019	82	84	succeeded	installed	2026-11-26 15:36:37.253063+00	2026-11-26 15:36:37.741556+00
159	simulated	dev-00020	82	86	succeeded	installed	2026-11-26 15:36:37.454954+00	2026-11-26 15:36:37.741556+00
160	simulated	dev-00021	81	61	installing	downloaded	2026-11-26 15:36:36.988773+00	2026-11-26 15:36:37.741556+00
161	simulated	dev-00022	81	91	installing	downloaded	2026-11-26 15:36:36.771242+00	2026-11-26 15:36:37.741556+00
162	simulated	dev-00023	81	82	installing	downloaded	2026-11-26 15:36:37.143511+00	2026-11-26 15:36:37.741556+00
163	simulated	dev-00024	82	77	succeeded	installed	2026-11-26 15:36:37.112343+00	2026-11-26 15:36:37.741556+00
164	simulated	dev-00026	81	95	installing	downloaded	2026-11-26 15:36:37.046368+00	2026-11-26 15:36:37.741556+00
165	simulated	dev-00027	81	87	installing	downloaded	2026-11-26 15:36:37.087242+00	2026-11-26 15:36:37.741556+00
166	simulated	dev-00028	82	92	succeeded	installed	2026-11-26 15:36:37.625487+00	2026-11-26 15:36:37.741556+00
167	simulated	dev-00030	82	66	succeeded	installed	2026-11-26 15:36:36.809489+00	2026-11-26 15:36:37.741556+00
168	simulated	dev-00031	82	62	succeeded	installed	2026-11-26 15:36:37.405432+00	2026-11-26 15:36:37.741556+00
169	simulated	dev-00033	82	98	succeeded	installed	2026-11-26 15:36:37.740013+00	2026-11-26 15:36:37.741556+00
170	simulated	dev-00034	81	65	installing	downloaded	2026-11-26 15:36:36.981573+00	2026-11-26 15:36:37.741556+00
171	simulated	dev-00038	82	99	succeeded	installed	2026-11-26 15:36:37.396153+00	2026-11-26 15:36:37.741556+00
172	simulated	dev-00040	81	63	installing	downloaded	2026-11-26 15:36:36.800228+00	2026-11-26 15:36:37.741556+00
173	simulated	dev-00041	81	100	installing	downloaded	2026-11-26 15:36:37.254164+00	2026-11-26 15:36:37.741556+00
174	simulated	dev-00044	81	97	installing	downloaded	2026-11-26 15:36:36.749372+00	2026-11-26 15:36:37.741556+00
175	simulated	dev-00045	81	64	installing	downloaded	2026-11-26 15:36:37.099438+00	2026-11-26 15:36:37.741556+00
176	simulated	dev-00048	81	57	installing	downloaded	2026-11-26 15:36:37.3127+00	2026-11-26 15:36:37.741556+00
177	simulated	dev-00049	81	81	installing	downloaded	2026-11-26 15:36:37.297545+00	2026-11-26 15:36:37.741556+00
178	simulated	dev-00004	82	74	succeeded	installed	2026-11-26 15:36:38.597768+00	2026-11-26 15:36:38.741556+00
179	simulated	dev-00014	82	80	succeeded	installed	2026-11-26 15:36:38.281771+00	2026-11-26 15:36:38.741556+00
180	simulated	dev-00018	82	79	succeeded	installed	2026-11-26 15:36:38.141228+00	2026-11-26 15:36:38.741556+00
181	simulated	dev-00022	82	91	succeeded	installed	2026-11-26 15:36:38.315772+00	2026-11-26 15:36:38.741556+00
182	simulated	dev-00037	82	76	succeeded	installed	2026-11-26 15:36:38.16906+00	2026-11-26 15:36:38.741556+00
183	simulated	dev-00040	82	63	succeeded	installed	2026-11-26 15:36:38.388236+00	2026-11-26 15:36:38.741556+00
184	simulated	dev-00044	82	97	succeeded	installed	2026-11-26 15:36:38.261095+00	2026-11-26 15:36:38.741556+00
185	simulated	dev-00046	82	70	succeeded	installed	2026-11-26 15:36:38.231036+00	2026-11-26 15:36:38.741556+00
186	simulated	dev-00047	82	93	succeeded	installed	2026-11-26 15:36:38.199596+00	2026-11-26 15:36:38.741556+00
187	simulated	dev-00002	82	67	succeeded	installed	2026-11-26 15:36:39.738699+00	2026-11-26 15:36:39.741556+00
188	simulated	dev-00006	82	69	succeeded	installed	2026-11-26 15:36:39.202077+00	2026-11-26 15:36:39.741556+00
189	simulated	dev-00007	82	68	succeeded	installed	2026-11-26 15:36:38.913467+00	2026-11-26 15:36:39.741556+00
190	simulated	dev-00012	82	60	succeeded	installed	2026-11-26 15:36:38.864983+00	2026-11-26 15:36:39.741556+00
191	simulated	dev-00017	82	85	succeeded	installed	2026-11-26 15:36:39.434204+00	2026-11-26 15:36:39.741556+00
192	simulated	dev-00021	82	61	succeeded	installed	2026-11-26 15:36:38.859598+00	2026-11-26 15:36:39.741556+00
193	simulated	dev-00023	82	82	succeeded	installed	2026-11-26 15:36:39.246445+00	2026-11-26 15:36:39.741556+00
194	simulated	dev-00026	82	95	succeeded	installed	2026-11-26 15:36:39.003586+00	2026-11-26 15:36:39.741556+00
195	simulated	dev-00027	82	87	succeeded	installed	2026-11-26 15:36:39.105772+00	2026-11-26 15:36:39.741556+00
196	simulated	dev-00034	82	65	succeeded	installed	2026-11-26 15:36:38.841598+00	2026-11-26 15:36:39.741556+00
197	simulated	dev-00041	82	100	succeeded	installed	2026-11-26 15:36:39.523076+00	2026-11-26 15:36:39.741556+00
198	simulated	dev-00045	82	64	succeeded	installed	2026-11-26 15:36:39.13626+00	2026-11-26 15:36:39.741556+00
199	simulated	dev-00048	82	57	succeeded	installed	2026-11-26 15:36:39.669416+00	2026-11-26 15:36:39.741556+00
200	simulated	dev-00049	82	81	succeeded	installed	2026-11-26 15:36:39.631528+00	2026-11-26 15:36:39.741556+00
201	simulated	dev-00000	91	140	installing	downloaded	2026-11-26 15:36:40.405559+00	2026-11-26 15:36:40.741556+00
202	simulated	dev-00025	91	123	installing	downloaded	2026-11-26 15:36:40.217953+00	2026-11-26 15:36:40.741556+00
203	simulated	dev-00000	92	140	succeeded	installed	2026-11-26 15:36:41.401563+00	2026-11-26 15:36:41.741556+00
204	simulated	dev-00025	92	123	succeeded	installed	2026-11-26 15:36:40.932549+00	2026-11-26 15:36:41.741556+00
205	simulated	dev-00011	121	101	installing	downloaded	2026-11-26 15:36:47.546254+00	2026-11-26 15:36:47.741556+00
206	simulated	dev-00036	121	106	installing	downloaded	2026-11-26 15:36:47.650228+00	2026-11-26 15:36:47.741556+00
207	simulated	dev-00039	121	104	installing	downloaded	2026-11-26 15:36:47.684854+00	2026-11-26 15:36:47.741556+00
208	simulated	dev-00043	121	102	installing	downloaded	2026-11-26 15:36:47.254317+00	2026-11-26 15:36:47.741556+00
209	simulated	dev-00016	121	103	installing	downloaded	2026-11-26 15:36:48.311583+00	2026-11-26 15:36:48.741556+00
210	simulated	dev-00035	121	105	installing	downloaded	2026-11-26 15:36:48.060395+00	2026-11-26 15:36:48.741556+00
211	simulated	dev-00043	122	102	failed	install_error	2026-11-26 15:36:48.023458+00	2026-11-26 15:36:48.741556+00
212	simulated	dev-00011	122	101	failed	install_error	2026-11-26 15:36:48.753301+00	2026-11-26 15:36:49.741556+00
213	simulated	dev-00036	122	106	failed	install_error	2026-11-26 15:36:49.013235+00	2026-11-26 15:36:49.741556+00
214	simulated	dev-00039	122	104	failed	install_error	2026-11-26 15:36:49.099801+00	2026-11-26 15:36:49.741556+00
215	simulated	dev-00016	122	103	succeeded	installed	2026-11-26 15:36:50.666624+00	2026-11-26 15:37:21.741556+00
216	simulated	dev-00035	122	105	succeeded	installed	2026-11-26 15:36:50.038654+00	2026-11-26 15:37:21.741556+00
217	simulated	dev-00000	141	240	installing	downloaded	2026-11-26 15:37:22.405559+00	2026-11-26 15:37:22.741556+00
218	simulated	dev-00025	141	223	installing	downloaded	2026-11-26 15:37:22.217953+00	2026-11-26 15:37:22.741556+00
219	simulated	dev-00000	142	240	succeeded	installed	2026-11-26 15:37:23.401563+00	2026-11-26 15:37:23.741556+00
220	simulated	dev-00025	142	223	succeeded	installed	2026-11-26 15:37:22.932549+00	2026-11-26 15:37:23.741556+00
221	simulated	dev-00011	171	201	installing	downloaded	2026-11-26 15:37:29.546254+00	2026-11-26 15:37:29.741556+00
222	simulated	dev-00036	171	206	installing	downloaded	2026-11-26 15:37:29.650228+00	2026-11-26 15:37:29.741556+00
223	simulated	dev-00039	171	204	installing	downloaded	2026-11-26 15:37:29.684854+00	2026-11-26 15:37:29.741556+00
224	simulated	dev-00043	171	202	installing	downloaded	2026-11-26 15:37:29.254317+00	2026-11-26 15:37:29.741556+00
225	simulated	dev-00016	171	203	installing	downloaded	2026-11-26 15:37:30.311583+00	2026-11-26 15:37:30.741556+00
226	simulated	dev-00035	171	205	installing	downloaded	2026-11-26 15:37:30.060395+00	2026-11-26 15:37:30.741556+00
227	simulated	dev-00043	172	202	succeeded	installed	2026-11-26 15:37:30.023458+00	2026-11-26 15:37:30.741556+00
228	simulated	dev-00011	172	201	succeeded	installed	2026-11-26 15:37:30.753301+00	2026-11-26 15:37:31.741556+00
229	simulated	dev-00036	172	206	succeeded	installed	2026-11-26 15:37:31.013235+00	2026-11-26 15:37:31.741556+00
230	simulated	dev-00039	172	204	succeeded	installed	2026-11-26 15:37:31.099801+00	2026-11-26 15:37:31.741556+00
231	simulated	dev-00016	172	203	succeeded	installed	2026-11-26 15:37:32.666624+00	2026-11-26 15:37:32.741556+00
232	simulated	dev-00035	172	205	succeeded	installed	2026-11-26 15:37:32.038654+00	2026-11-26 15:37:32.741556+00
233	simulated	dev-00001	181	244	installing	downloaded	2026-11-26 15:37:33.50483+00	2026-11-26 15:37:33.741556+00
234	simulated	dev-00003	181	228	installing	downloaded	2026-11-26 15:37:33.234826+00	2026-11-26 15:37:33.741556+00
235	simulated	dev-00005	181	238	installing	downloaded	2026-11-26 15:37:33.142577+00	2026-11-26 15:37:33.741556+00
236	simulated	dev-00008	181	225	installing	downloaded	2026-11-26 15:37:33.043283+00	2026-11-26 15:37:33.741556+00
237	simulated	dev-00008	182	225	succeeded	installed	2026-11-26 15:37:33.495875+00	2026-11-26 15:37:33.741556+00
238	simulated	dev-00009	181	233	installing	downloaded	2026-11-26 15:37:33.224251+00	2026-11-26 15:37:33.741556+00
239	simulated	dev-00010	181	221	installing	downloaded	2026-11-26 15:37:33.454365+00	2026-11-26 15:37:33.741556+00
240	simulated	dev-00013	181	246	installing	downloaded	2026-11-26 15:37:33.498331+00	2026-11-26 15:37:33.741556+00
241	simulated	dev-00015	181	222	installing	downloaded	2026-11-26 15:37:33.356203+00	2026-11-26 15:37:33.741556+00
242	simulated	dev-00018	181	229	installing	downloaded	2026-11-26 15:37:33.701425+00	2026-11-26 15:37:33.741556+00
243	simulated	dev-00019	181	234	installing	downloaded	2026-11-26 15:37:33.346159+00	2026-11-26 15:37:33.741556+00
244	simulated	dev-00020	181	236	installing	downloaded	2026-11-26 15:37:33.426915+00	2026-11-26 15:37:33.741556+00
245	simulated	dev-00024	181	227	installing	downloaded	2026-11-26 15:37:33.289871+00	2026-11-26 15:37:33.741556+00
246	simulated	dev-00028	181	242	installing	downloaded	2026-11-26 15:37:33.495128+00	2026-11-26 15:37:33.741556+00
247	simulated	dev-00029	181	208	installing	downloaded	2026-11-26 15:37:32.867824+00	2026-11-26 15:37:33.741556+00
248	simulated	dev-00029	182	208	succeeded	installed	2026-11-26 15:37:33.057226+00	2026-11-26 15:37:33.741556+00
249	simulated	dev-00030	181	216	installing	downloaded	2026-11-26 15:37:33.168729+00	2026-11-26 15:37:33.741556+00
250	simulated	dev-00031	181	212	installing	downloaded	2026-11-26 15:37:33.407107+00	2026-11-26 15:37:33.741556+00
251	simulated	dev-00032	181	239	installing	downloaded	2026-11-26 15:37:33.108976+00	2026-11-26 15:37:33.741556+00
252	simulated	dev-00032	182	239	succeeded	installed	2026-11-26 15:37:33.660106+00	2026-11-26 15:37:33.741556+00
253	simulated	dev-00033	181	248	installing	downloaded	2026-11-26 15:37:33.540939+00	2026-11-26 15:37:33.741556+00
254	simulated	dev-00037	181	226	installing	downloaded	2026-11-26 15:37:33.712558+00	2026-11-26 15:37:33.741556+00
255	simulated	dev-00038	181	249	installing	downloaded	2026-11-26 15:37:33.403395+00	2026-11-26 15:37:33.741556+00
256	simulated	dev-00042	181	209	installing	downloaded	2026-11-26 15:37:33.135461+00	2026-11-26 15:37:33.741556+00
257	simulated	dev-00042	182	209	succeeded	installed	2026-11-26 15:37:33.726318+00	2026-11-26 15:37:33.741556+00
258	simulated	dev-00046	181	220	installing	downloaded	2026-11-26 15:37:33.737348+00	2026-11-26 15:37:33.741556+00
259	simulated	dev-00047	181	243	installing	downloaded	2026-11-26 15:37:33.724772+00	2026-11-26 15:37:33.741556+00
260	simulated	dev-00001	182	244	succeeded	installed	2026-11-26 15:37:34.649742+00	2026-11-26 15:37:34.741556+00
261	simulated	dev-00002	181	217	installing	downloaded	2026-11-26 15:37:34.340413+00	2026-11-26 15:37:34.741556+00
262	simulated	dev-00003	182	228	succeeded	installed	2026-11-26 15:37:33.97473+00	2026-11-26 15:37:34.741556+00
263	simulated	dev-00004	181	224	installing	downloaded	2026-11-26 15:37:33.884041+00	2026-11-26 15:37:34.741556+00
264	simulated	dev-00005	182	238	succeeded	installed	2026-11-26 15:37:33.74411+00	2026-11-26 15:37:34.741556+00
265	simulated	dev-00006	181	219	installing	downloaded	2026-11-26 15:37:34.125764+00	2026-11-26 15:37:34.741556+00
266	simulated	dev-00007	181	218	installing	downloaded	2026-11-26 15:37:34.01032+00	2026-11-26 15:37:34.741556+00
267	simulated	dev-00009	182	233	succeeded	installed	2026-11-26 15:37:33.948293+00	2026-11-26 15:37:34.741556+00
268	simulated	dev-00010	182	221	succeeded	installed	2026-11-26 15:37:34.523578+00	2026-11-26 15:37:34.741556+00
269	simulated	dev-00012	181	210	installing	downloaded	2026-11-26 15:37:33.990927+00	2026-11-26 15:37:34.741556+00
270	simulated	dev-00013	182	246	succeeded	installed	2026-11-26 15:37:34.633493+00	2026-11-26 15:37:34.741556+00
271	simulated	dev-00014	181	230	installing	downloaded	2026-11-26 15:37:33.757642+00	2026-11-26 15:37:34.741556+00
272	simulated	dev-00015	182	222	succeeded	installed	2026-11-26 15:37:34.278174+00	2026-11-26 15:37:34.741556+00
273	simulated	dev-00017	181	235	installing	downloaded	2026-11-26 15:37:34.218615+00	2026-11-26 15:37:34.741556+00
274	simulated	dev-00019	182	234	succeeded	installed	2026-11-26 15:37:34.253063+00	2026-11-26 15:37:34.741556+00
275	simulated	dev-00020	182	236	succeeded	installed	2026-11-26 15:37:34.454954+00	2026-11-26 15:37:34.741556+00
276	simulated	dev-00021	181	211	installing	downloaded	2026-11-26 15:37:33.988773+00	2026-11-26 15:37:34.741556+00
277	simulated	dev-00022	181	241	installing	downloaded	2026-11-26 15:37:33.771242+00	2026-11-26 15:37:34.741556+00
278	simulated	dev-00023	181	232	installing	downloaded	2026-11-26 15:37:34.143511+00	2026-11-26 15:37:34.741556+00
279	simulated	dev-00024	182	227	succeeded	installed	2026-11-26 15:37:34.112343+00	2026-11-26 15:37:34.741556+00
280	simulated	dev-00026	181	245	installing	downloaded	2026-11-26 15:37:34.046368+00	2026-11-26 15:37:34.741556+00
281	simulated	dev-00027	181	237	installing	downloaded	2026-11-26 15:37:34.087242+00	2026-11-26 15:37:34.741556+00
282	simulated	dev-00028	182	242	succeeded	installed	2026-11-26 15:37:34.625487+00	2026-11-26 15:37:34.741556+00
283	simulated	dev-00030	182	216	succeeded	installed	2026-11-26 15:37:33.809489+00	2026-11-26 15:37:34.741556+00
284	simulated	dev-00031	182	212	succeeded	installed	2026-11-26 15:37:34.405432+00	2026-11-26 15:37:34.741556+00
285	simulated	dev-00033	182	248	succeeded	installed	2026-11-26 15:37:34.740013+00	2026-11-26 15:37:34.741556+00
286	simulated	dev-00034	181	215	installing	downloaded	2026-11-26 15:37:33.981573+00	2026-11-26 15:37:34.741556+00
287	simulated	dev-00038	182	249	succeeded	installed	2026-11-26 15:37:34.396153+00	2026-11-26 15:37:34.741556+00
288	simulated	dev-00040	181	213	installing	downloaded	2026-11-26 15:37:33.800228+00	2026-11-26 15:37:34.741556+00
289	simulated	dev-00041	181	250	installing	downloaded	2026-11-26 15:37:34.254164+00	2026-11-26 15:37:34.741556+00
290	simulated	dev-00044	181	247	installing	downloaded	2026-11-26 15:37:33.749372+00	2026-11-26 15:37:34.741556+00
291	simulated	dev-00045	181	214	installing	downloaded	2026-11-26 15:37:34.099438+00	2026-11-26 15:37:34.741556+00
292	simulated	dev-00048	181	207	installing	downloaded	2026-11-26 15:37:34.3127+00	2026-11-26 15:37:34.741556+00
293	simulated	dev-00049	181	231	installing	downloaded	2026-11-26 15:37:34.297545+00	2026-11-26 15:37:34.741556+00
294	simulated	dev-00004	182	224	succeeded	installed	2026-11-26 15:37:35.597768+00	2026-11-26 15:37:35.741556+00
295	simulated	dev-00014	182	230	succeeded	installed	2026-11-26 15:37:35.281771+00	2026-11-26 15:37:35.741556+00
296	simulated	dev-00018	182	229	succeeded	installed	2026-11-26 15:37:35.141228+00	2026-11-26 15:37:35.741556+00
297	simulated	dev-00022	182	241	succeeded	installed	2026-11-26 15:37:35.315772+00	2026-11-26 15:37:35.741556+00
298	simulated	dev-00037	182	226	succeeded	installed	2026-11-26 15:37:35.16906+00	2026-11-26 15:37:35.741556+00
299	simulated	dev-00040	182	213	succeeded	installed	2026-11-26 15:37:35.388236+00	2026-11-26 15:37:35.741556+00
300	simulated	dev-00044	182	247	succeeded	installed	2026-11-26 15:37:35.261095+00	2026-11-26 15:37:35.741556+00
301	simulated	dev-00046	182	220	succeeded	installed	2026-11-26 15:37:35.231036+00	2026-11-26 15:37:35.741556+00
302	simulated	dev-00047	182	243	succeeded	installed	2026-11-26 15:37:35.199596+00	2026-11-26 15:37:35.741556+00
303	simulated	dev-00002	182	217	succeeded	installed	2026-11-26 15:37:36.738699+00	2026-11-26 15:37:36.741556+00
304	simulated	dev-00006	182	219	succeeded	installed	2026-11-26 15:37:36.202077+00	2026-11-26 15:37:36.741556+00
305	simulated	dev-00007	182	218	succeeded	installed	2026-11-26 15:37:35.913467+00	2026-11-26 15:37:36.741556+00
306	simulated	dev-00012	182	210	succeeded	installed	2026-11-26 15:37:35.864983+00	2026-11-26 15:37:36.741556+00
307	simulated	dev-00017	182	235	succeeded	installed	2026-11-26 15:37:36.434204+00	2026-11-26 15:37:36.741556+00
308	simulated	dev-00021	182	211	succeeded	installed	2026-11-26 15:37:35.859598+00	2026-11-26 15:37:36.741556+00
309	simulated	dev-00023	182	232	succeeded	installed	2026-11-26 15:37:36.246445+00	2026-11-26 15:37:36.741556+00
310	simulated	dev-00026	182	245	succeeded	installed	2026-11-26 15:37:36.003586+00	2026-11-26 15:37:36.741556+00
311	simulated	dev-00027	182	237	succeeded	installed	2026-11-26 15:37:36.105772+00	2026-11-26 15:37:36.741556+00
312	simulated	dev-00034	182	215	succeeded	installed	2026-11-26 15:37:35.841598+00	2026-11-26 15:37:36.741556+00
313	simulated	dev-00041	182	250	succeeded	installed	2026-11-26 15:37:36.523076+00	2026-11-26 15:37:36.741556+00
314	simulated	dev-00045	182	214	succeeded	installed	2026-11-26 15:37:36.13626+00	2026-11-26 15:37:36.741556+00
315	simulated	dev-00048	182	207	succeeded	installed	2026-11-26 15:37:36.669416+00	2026-11-26 15:37:36.741556+00
316	simulated	dev-00049	182	231	succeeded	installed	2026-11-26 15:37:36.631528+00	2026-11-26 15:37:36.741556+00
317	simulated	dev-00025	201	323	installing	downloaded	2026-11-26 15:37:46.704792+00	2026-11-26 15:37:46.741556+00
318	simulated	dev-00000	201	340	installing	downloaded	2026-11-26 15:37:47.211834+00	2026-11-26 15:37:47.741556+00
319	simulated	dev-00034	192	285	succeeded	withdrawn	2026-11-26 15:37:58.135634+00	2026-11-26 15:37:58.741556+00
320	simulated	dev-00049	192	300	succeeded	withdrawn	2026-11-26 15:37:58.729773+00	2026-11-26 15:37:58.741556+00
321	simulated	dev-00020	192	271	succeeded	withdrawn	2026-11-26 15:37:59.185688+00	2026-11-26 15:37:59.741556+00
322	simulated	dev-00024	192	275	succeeded	withdrawn	2026-11-26 15:37:59.680685+00	2026-11-26 15:37:59.741556+00
323	simulated	dev-00031	192	282	succeeded	withdrawn	2026-11-26 15:37:58.831119+00	2026-11-26 15:37:59.741556+00
324	simulated	dev-00032	192	283	succeeded	withdrawn	2026-11-26 15:37:59.656559+00	2026-11-26 15:37:59.741556+00
325	simulated	dev-00038	192	289	succeeded	withdrawn	2026-11-26 15:37:59.096079+00	2026-11-26 15:37:59.741556+00
326	simulated	dev-00002	192	253	succeeded	withdrawn	2026-11-26 15:38:00.424206+00	2026-11-26 15:38:00.741556+00
327	simulated	dev-00004	192	255	succeeded	withdrawn	2026-11-26 15:38:00.415638+00	2026-11-26 15:38:00.741556+00
328	simulated	dev-00018	192	269	succeeded	withdrawn	2026-11-26 15:37:59.753204+00	2026-11-26 15:38:00.741556+00
329	simulated	dev-00026	192	277	succeeded	withdrawn	2026-11-26 15:38:00.633858+00	2026-11-26 15:38:00.741556+00
330	simulated	dev-00037	192	288	succeeded	withdrawn	2026-11-26 15:37:59.993474+00	2026-11-26 15:38:00.741556+00
331	simulated	dev-00025	202	323	succeeded	installed	2026-11-26 15:38:00.149646+00	2026-11-26 15:38:00.741556+00
332	simulated	dev-00003	192	254	succeeded	withdrawn	2026-11-26 15:38:01.598344+00	2026-11-26 15:38:01.741556+00
333	simulated	dev-00019	192	270	succeeded	withdrawn	2026-11-26 15:38:01.444453+00	2026-11-26 15:38:01.741556+00
334	simulated	dev-00023	192	274	succeeded	withdrawn	2026-11-26 15:38:00.903952+00	2026-11-26 15:38:01.741556+00
335	simulated	dev-00000	202	340	succeeded	installed	2026-11-26 15:38:01.417251+00	2026-11-26 15:38:01.741556+00
\.


--
-- Data for Name: ring_plans; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.ring_plans (id, name, version, plan, created_by, created_at) FROM stdin;
1	quick	1	{"name": "quick", "rings": [{"tag": "lab", "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": true}, "name": "lab", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "canary", "share": 20.0, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "pilot", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}], "version": 1, "windows": [], "rotation": 0, "silent_after": {"online": 86400, "air_gapped": 604800, "intermittent": 259200}}	tester	2026-11-26 15:35:53.741556+00
2	paced	1	{"name": "paced", "rings": [{"tag": "lab", "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "lab", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 60, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "canary", "share": 20.0, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "pilot", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}], "version": 1, "windows": [], "rotation": 0, "silent_after": {"online": 86400, "air_gapped": 604800, "intermittent": 259200}}	tester	2026-11-26 15:35:53.741556+00
3	patient	1	{"name": "patient", "rings": [{"tag": "lab", "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": 30, "validates_rollback": false}, "name": "lab", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": 30, "validates_rollback": false}, "name": "canary", "share": 20.0, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}, {"tag": null, "gate": {"target": 0.9, "on_fail": "pause", "analyses": [], "min_coverage": 0.9, "min_reported": 1, "soak_seconds": 0, "error_ceiling": 0.2, "incident_limit": "P2", "compliant_within": {"online": 3600}, "max_wait_seconds": null, "validates_rollback": false}, "name": "pilot", "share": null, "approval": {"when": "never", "people": 1}, "concurrency": null, "devices_per_minute": null}], "version": 1, "windows": [], "rotation": 0, "silent_after": {"online": 86400, "air_gapped": 604800, "intermittent": 259200}}	tester	2026-11-26 15:35:53.741556+00
\.


--
-- Data for Name: risk_assessments; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.risk_assessments (id, deployment_id, at, policy_version, score, factors, contributions, devices, blast_class, needs_approval) FROM stdin;
1	1	2026-11-26 15:35:53.741556+00	1	16	{"history": 0.5, "privilege": 0.1, "data_access": 0.1, "blast_radius": 0.3, "supply_chain": 0.1, "exploitability": 0.1, "vulnerabilities": 0.1, "operational_complexity": 0.1}	{"history": 5.0, "privilege": 2.0, "data_access": 1.0, "blast_radius": 3.0, "supply_chain": 1.5, "exploitability": 1.0, "vulnerabilities": 1.5, "operational_complexity": 1.0}	50	under_100	f
2	2	2026-11-26 15:36:29.741556+00	1	16	{"history": 0.5, "privilege": 0.1, "data_access": 0.1, "blast_radius": 0.3, "supply_chain": 0.1, "exploitability": 0.1, "vulnerabilities": 0.1, "operational_complexity": 0.1}	{"history": 5.0, "privilege": 2.0, "data_access": 1.0, "blast_radius": 3.0, "supply_chain": 1.5, "exploitability": 1.0, "vulnerabilities": 1.5, "operational_complexity": 1.0}	50	under_100	f
3	3	2026-11-26 15:36:39.741556+00	1	16	{"history": 0.5, "privilege": 0.1, "data_access": 0.1, "blast_radius": 0.3, "supply_chain": 0.1, "exploitability": 0.1, "vulnerabilities": 0.1, "operational_complexity": 0.1}	{"history": 5.0, "privilege": 2.0, "data_access": 1.0, "blast_radius": 3.0, "supply_chain": 1.5, "exploitability": 1.0, "vulnerabilities": 1.5, "operational_complexity": 1.0}	50	under_100	f
4	4	2026-11-26 15:36:50.741556+00	1	16	{"history": 0.5, "privilege": 0.1, "data_access": 0.1, "blast_radius": 0.3, "supply_chain": 0.1, "exploitability": 0.1, "vulnerabilities": 0.1, "operational_complexity": 0.1}	{"history": 5.0, "privilege": 2.0, "data_access": 1.0, "blast_radius": 3.0, "supply_chain": 1.5, "exploitability": 1.0, "vulnerabilities": 1.5, "operational_complexity": 1.0}	50	under_100	f
5	5	2026-11-26 15:37:21.741556+00	1	16	{"history": 0.5, "privilege": 0.1, "data_access": 0.1, "blast_radius": 0.3, "supply_chain": 0.1, "exploitability": 0.1, "vulnerabilities": 0.1, "operational_complexity": 0.1}	{"history": 5.0, "privilege": 2.0, "data_access": 1.0, "blast_radius": 3.0, "supply_chain": 1.5, "exploitability": 1.0, "vulnerabilities": 1.5, "operational_complexity": 1.0}	50	under_100	f
6	7	2026-11-26 15:37:37.741556+00	1	16	{"history": 0.5, "privilege": 0.1, "data_access": 0.1, "blast_radius": 0.3, "supply_chain": 0.1, "exploitability": 0.1, "vulnerabilities": 0.1, "operational_complexity": 0.1}	{"history": 5.0, "privilege": 2.0, "data_access": 1.0, "blast_radius": 3.0, "supply_chain": 1.5, "exploitability": 1.0, "vulnerabilities": 1.5, "operational_complexity": 1.0}	50	under_100	f
7	8	2026-11-26 15:38:02.741556+00	1	16	{"history": 0.5, "privilege": 0.1, "data_access": 0.1, "blast_radius": 0.3, "supply_chain": 0.1, "exploitability": 0.1, "vulnerabilities": 0.1, "operational_complexity": 0.1}	{"history": 5.0, "privilege": 2.0, "data_access": 1.0, "blast_radius": 3.0, "supply_chain": 1.5, "exploitability": 1.0, "vulnerabilities": 1.5, "operational_complexity": 1.0}	50	under_100	f
\.


--
-- Data for Name: simulated_publications; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.simulated_publications (id, key, ring, artifact_hash, published_at, devices, verb, application, version, platform) FROM stdin;
1	1:lab:publish:1	lab	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:35:53.741556+00	{dev-00025,dev-00000}	publish	vpn	1.0	windows
2	1:lab:withdrawing:1	lab	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:35:55.741556+00	{dev-00025}	withdraw	vpn	1.0	windows
3	1:lab:reinstalling:1	lab	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:35:58.741556+00	{dev-00025}	publish	vpn	1.0	windows
4	1:canary:publish:1	canary	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:36:00.741556+00	{dev-00011,dev-00043,dev-00016,dev-00039,dev-00035,dev-00036}	publish	vpn	1.0	windows
5	1:pilot:publish:1	pilot	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:36:04.741556+00	{dev-00048,dev-00029,dev-00042,dev-00012,dev-00021,dev-00031,dev-00040,dev-00045,dev-00034,dev-00030,dev-00002,dev-00007,dev-00006,dev-00046,dev-00010,dev-00015,dev-00004,dev-00008,dev-00037,dev-00024,dev-00003,dev-00018,dev-00014,dev-00049,dev-00023,dev-00009,dev-00019,dev-00017,dev-00020,dev-00027,dev-00005,dev-00032,dev-00022,dev-00028,dev-00047,dev-00001,dev-00026,dev-00013,dev-00044,dev-00033,dev-00038,dev-00041}	publish	vpn	1.0	windows
6	2:lab:publish:1	lab	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:36:29.741556+00	{dev-00025,dev-00000}	publish	agent	1.0	windows
7	2:canary:publish:1	canary	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:36:31.741556+00	{dev-00011,dev-00043,dev-00016,dev-00039,dev-00035,dev-00036}	publish	agent	1.0	windows
8	2:pilot:publish:1	pilot	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:36:35.741556+00	{dev-00048,dev-00029,dev-00042,dev-00012,dev-00021,dev-00031,dev-00040,dev-00045,dev-00034,dev-00030,dev-00002,dev-00007,dev-00006,dev-00046,dev-00010,dev-00015,dev-00004,dev-00008,dev-00037,dev-00024,dev-00003,dev-00018,dev-00014,dev-00049,dev-00023,dev-00009,dev-00019,dev-00017,dev-00020,dev-00027,dev-00005,dev-00032,dev-00022,dev-00028,dev-00047,dev-00001,dev-00026,dev-00013,dev-00044,dev-00033,dev-00038,dev-00041}	publish	agent	1.0	windows
9	3:lab:publish:1	lab	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:36:39.741556+00	{dev-00025,dev-00000}	publish	editor	1.0	windows
10	3:lab:withdrawing:1	lab	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:36:41.741556+00	{dev-00025}	withdraw	editor	1.0	windows
11	3:lab:reinstalling:1	lab	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:36:44.741556+00	{dev-00025}	publish	editor	1.0	windows
12	3:canary:publish:1	canary	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:36:46.741556+00	{dev-00011,dev-00043,dev-00016,dev-00039,dev-00035,dev-00036}	publish	editor	1.0	windows
13	4:lab:publish:1	lab	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:36:50.741556+00	{dev-00025,dev-00000}	publish	reader	1.0	windows
14	5:lab:publish:1	lab	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:37:21.741556+00	{dev-00025,dev-00000}	publish	mail	1.0	windows
15	5:lab:withdrawing:1	lab	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:37:23.741556+00	{dev-00025}	withdraw	mail	1.0	windows
16	5:lab:reinstalling:1	lab	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:37:26.741556+00	{dev-00025}	publish	mail	1.0	windows
17	5:canary:publish:1	canary	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:37:28.741556+00	{dev-00011,dev-00043,dev-00016,dev-00039,dev-00035,dev-00036}	publish	mail	1.0	windows
18	5:pilot:publish:1	pilot	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:37:32.741556+00	{dev-00048,dev-00029,dev-00042,dev-00012,dev-00021,dev-00031,dev-00040,dev-00045,dev-00034,dev-00030,dev-00002,dev-00007,dev-00006,dev-00046,dev-00010,dev-00015,dev-00004,dev-00008,dev-00037,dev-00024,dev-00003,dev-00018,dev-00014,dev-00049,dev-00023,dev-00009,dev-00019,dev-00017,dev-00020,dev-00027,dev-00005,dev-00032,dev-00022,dev-00028,dev-00047,dev-00001,dev-00026,dev-00013,dev-00044,dev-00033,dev-00038,dev-00041}	publish	mail	1.0	windows
19	6:pilot:withdraw:1	pilot	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:37:37.741556+00	{dev-00001,dev-00002,dev-00003,dev-00004,dev-00005,dev-00006,dev-00007,dev-00008,dev-00009,dev-00010,dev-00012,dev-00013,dev-00014,dev-00015,dev-00017,dev-00018,dev-00019,dev-00020,dev-00021,dev-00022,dev-00023,dev-00024,dev-00026,dev-00027,dev-00028,dev-00029,dev-00030,dev-00031,dev-00032,dev-00033,dev-00034,dev-00037,dev-00038,dev-00040,dev-00041,dev-00042,dev-00044,dev-00045,dev-00046,dev-00047,dev-00048,dev-00049}	withdraw	mail	1.0	windows
20	7:lab:publish:1	lab	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:37:37.741556+00	{dev-00025,dev-00000}	publish	browser	1.0	windows
21	7:canary:publish:1	canary	sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2026-11-26 15:38:01.741556+00	{dev-00011,dev-00043,dev-00016,dev-00039,dev-00035,dev-00036}	publish	browser	1.0	windows
\.


--
-- Data for Name: tokens; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.tokens (id, hash, subject, role, created_at, revoked_at) FROM stdin;
1	\\x4a4a616a9ad0c60513571cbfd6d0af59f534ff68f6929ecea1ea0da06054b04a	tester	admin	2026-11-26 15:35:53.656483+00	\N
\.


--
-- Data for Name: waivers; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.waivers (id, deployment_id, ring_id, granted_by, granted_at, expires_at, reason, compensating_controls) FROM stdin;
\.


--
-- Name: applications_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.applications_id_seq', 7, true);


--
-- Name: approvals_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.approvals_id_seq', 1, false);


--
-- Name: assignments_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.assignments_id_seq', 400, true);


--
-- Name: break_glass_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.break_glass_id_seq', 1, false);


--
-- Name: commands_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.commands_id_seq', 22, true);


--
-- Name: deployments_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.deployments_id_seq', 8, true);


--
-- Name: devices_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.devices_id_seq', 50, true);


--
-- Name: drift_findings_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.drift_findings_id_seq', 1, false);


--
-- Name: freezes_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.freezes_id_seq', 1, false);


--
-- Name: gate_evaluations_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.gate_evaluations_id_seq', 40, true);


--
-- Name: incidents_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.incidents_id_seq', 1, true);


--
-- Name: measurements_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.measurements_id_seq', 1, false);


--
-- Name: releases_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.releases_id_seq', 7, true);


--
-- Name: reports_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.reports_id_seq', 335, true);


--
-- Name: ring_plans_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.ring_plans_id_seq', 3, true);


--
-- Name: rings_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.rings_id_seq', 24, true);


--
-- Name: risk_assessments_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.risk_assessments_id_seq', 7, true);


--
-- Name: simulated_publications_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.simulated_publications_id_seq', 21, true);


--
-- Name: tokens_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.tokens_id_seq', 1, true);


--
-- Name: waivers_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.waivers_id_seq', 1, false);


--
-- PostgreSQL database dump complete
--


