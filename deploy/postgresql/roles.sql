-- Run once by the superuser: psql -v ON_ERROR_STOP=1 -f deploy/postgresql/roles.sql
--
-- Two roles: the owner brings the schema up to date, the application only reads and writes rows. What the application
-- could be tricked into cannot drop the guards of the record, which are triggers of tables it does not own.

CREATE ROLE cuadra_owner LOGIN;
-- CREATEDB is for "cuadra restore-drill", which makes a database of its own and drops it.
CREATE ROLE cuadra LOGIN CREATEDB;
CREATE DATABASE cuadra OWNER cuadra_owner;

-- Only a superuser may install PostGIS: in template1, so that the drill's databases have it too.
\connect template1
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS unaccent;

\connect cuadra
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS unaccent;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO cuadra;
ALTER DEFAULT PRIVILEGES FOR ROLE cuadra_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO cuadra;
ALTER DEFAULT PRIVILEGES FOR ROLE cuadra_owner IN SCHEMA public GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO cuadra;
