-- Run once by the Postgres image, in an empty volume: one role owns the tables, requests run as another.
\set owner_password `cat /run/secrets/owner_password`
\set requests_password `cat /run/secrets/requests_password`
CREATE ROLE omnispindle_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE omnispindle_requests LOGIN PASSWORD :'requests_password';
CREATE DATABASE omnispindle OWNER omnispindle_owner TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE omnispindle FROM PUBLIC;
GRANT CONNECT ON DATABASE omnispindle TO omnispindle_requests;
