import { sql, type Kysely } from 'kysely';

/**
 * The key by which all replicas call an account the same in their logs. Whoever reads a log has no key; whoever owns this
 * table sees all accounts anyway, and finds a person's lines by the function. HMAC (RFC 2104) is written out there, because
 * Postgres has it in an extension alone.
 */
const logKey = `
CREATE TABLE omnispindle.log_key (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  key bytea NOT NULL CHECK (length(key) = 32)
);
INSERT INTO omnispindle.log_key (key)
  SELECT sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'));

ALTER TABLE omnispindle.log_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON omnispindle.log_key TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY shared_rows ON omnispindle.log_key FOR SELECT USING (true);

CREATE FUNCTION omnispindle.account_in_log(of_issuer text, of_sub text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  inner_pad bytea := (SELECT key FROM omnispindle.log_key) || decode(repeat('00', 32), 'hex');
  outer_pad bytea := inner_pad;
BEGIN
  FOR at IN 0..63 LOOP
    inner_pad := set_byte(inner_pad, at, get_byte(inner_pad, at) # 54);
    outer_pad := set_byte(outer_pad, at, get_byte(outer_pad, at) # 92);
  END LOOP;
  RETURN left(
    encode(sha256(outer_pad || sha256(inner_pad || convert_to(of_issuer || chr(10) || of_sub, 'UTF8'))), 'hex'), 16);
END
$$;
`;

/** Makes the key, once, and the function that says what an account is called by it. */
export async function createLogKey(database: Kysely<unknown>): Promise<void> {
  await sql.raw(logKey).execute(database);
}
