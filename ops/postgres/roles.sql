-- Roles and database of the control plane. A superuser runs this file with psql; it may be run repeatedly.
-- eucora_owner owns the database and its schema and runs migrations; eucora_app owns nothing and runs everything else.
-- Passwords come from the environment (EUCORA_OWNER_PASSWORD, EUCORA_APP_PASSWORD). Without them no password is set; this
-- is safe only if PostgreSQL listens solely on a socket in a folder with mode 0700.
\set ON_ERROR_STOP on
\getenv owner_password EUCORA_OWNER_PASSWORD
\getenv app_password EUCORA_APP_PASSWORD

SELECT 'CREATE ROLE eucora_owner LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'eucora_owner') \gexec
SELECT 'CREATE ROLE eucora_app LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'eucora_app') \gexec
\if :{?owner_password}
ALTER ROLE eucora_owner PASSWORD :'owner_password';
\endif
\if :{?app_password}
ALTER ROLE eucora_app PASSWORD :'app_password';
\endif

SELECT 'CREATE DATABASE eucora OWNER eucora_owner' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'eucora') \gexec
REVOKE ALL ON DATABASE eucora FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE eucora TO eucora_app;

\connect eucora
ALTER SCHEMA public OWNER TO eucora_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO eucora_app;
ALTER DEFAULT PRIVILEGES FOR ROLE eucora_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO eucora_app;
ALTER DEFAULT PRIVILEGES FOR ROLE eucora_owner IN SCHEMA public
    GRANT USAGE ON SEQUENCES TO eucora_app;
