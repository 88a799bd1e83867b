using System;
using System.Globalization;

using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Queue;

/// <summary>
/// The log of every call to SEFAZ, and the limits that are counted from it. Our limits are well under those of SEFAZ
/// (Anexo I §4.3: 10 consultations of a key an hour, 30 equal rejections of a note).
/// </summary>
internal static class Attempts
{
    /// <summary>How many consultations of one key are made within an hour.</summary>
    public const int ConsultsAnHour = 6;

    /// <summary>How often one note is transmitted within an hour.</summary>
    public const int TransmissionsAnHour = 6;

    /// <summary>
    /// After so many equal rejections the same bytes are never sent again. SEFAZ blocks after 30, and counts them for ever
    /// (Anexo I §4.3.1).
    /// </summary>
    public const int EqualRejections = 25;

    /// <summary>How often one receipt is asked for within an hour (SEFAZ allows 40).</summary>
    public const int ReceiptsAnHour = 12;

    // A whole answer is kept where it is not simply an authorisation; a runaway page of HTML is not.
    private const int LongestKeptReply = 64 * 1024;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>Writes a call down before it is made.</summary>
    public static long Begin(SqlSession session, QueuedNote? note, long scopeId, SefazService service, long leaseToken, DateTimeOffset now) =>
        session.Insert(
            """
            INSERT INTO attempt (note_id, version_id, scope_id, service, lease_token, started_at, outcome)
            VALUES ($1, $2, $3, $4, $5, $6, 0)
            """,
            note?.NoteId,
            note?.VersionId,
            scopeId,
            (int)service,
            leaseToken,
            now.ToUnixTimeMilliseconds());

    /// <summary>Writes down what came back.</summary>
    public static void End(SqlSession session, long attemptId, WireReply wire, SefazReply? reply, Disposition? disposition, DateTimeOffset now) =>
        session.Execute(
            """
            UPDATE attempt SET ended_at = $1, outcome = $2, http_status = $3, c_stat = $4, x_motivo = $5, n_rec = $6,
                dh_recbto = $7, ver_aplic = $8, disposition = $9, detail = $10, reply = $11
            WHERE attempt_id = $12
            """,
            now.ToUnixTimeMilliseconds(),
            (int)(wire.Outcome == WireOutcome.Answered && reply is null ? WireOutcome.NoAnswer : wire.Outcome),
            wire.HttpStatus,
            reply?.Protocol?.CStat ?? reply?.CStat,
            reply?.Protocol?.XMotivo ?? reply?.XMotivo,
            reply?.NRec,
            reply?.Protocol?.DhRecbto ?? reply?.DhRecbto,
            reply?.VerAplic,
            (int?)disposition,
            wire.Failure?.Message,
            disposition is Disposition.Authorized or Disposition.InService || wire.Body.IsEmpty ? null : Kept(wire.Body),
            attemptId);

    /// <summary>
    /// The last question about the service in the scope, if it still holds, with SEFAZ's answer where one came. One of which
    /// no byte left was not asked.
    /// </summary>
    public static StatusAnswer? LastStatus(SqlSession session, long storeId, long scopeId, DateTimeOffset now)
    {
        DateTimeOffset since = Scopes.StatusHoldsSince(session, storeId, now);

        // Backwards from the newest call: the log grows with the notes, but not within three minutes.
        foreach ((long scope, int service, int outcome, StatusAnswer answer) in session.Query(
            """
            SELECT scope_id, service, outcome, CASE outcome WHEN 3 THEN c_stat END, x_motivo, ver_aplic, started_at, coalesce(ended_at, started_at)
            FROM attempt ORDER BY attempt_id DESC
            """,
            row => (
                row.GetInt64(0),
                row.GetInt32(1),
                row.GetInt32(2),
                new StatusAnswer(
                    row.Int(3),
                    row.Text(4),
                    row.Text(5),
                    DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)),
                    DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7))))))
        {
            // One from the future was written before the clock was put back.
            if (answer.StartedAt < since || answer.StartedAt > now)
            {
                return null;
            }

            if (scope == scopeId && service == (int)SefazService.StatusServico && outcome != (int)WireOutcome.NotSent)
            {
                return answer;
            }
        }

        return null;
    }

    /// <summary>When the service may be called for the note next; null: now. Calls of which no byte left do not count.</summary>
    public static DateTimeOffset? NextAllowed(SqlSession session, QueuedNote note, SefazService service, DateTimeOffset now)
    {
        int limit = service switch
        {
            SefazService.Autorizacao => TransmissionsAnHour,
            SefazService.ConsultaProtocolo => ConsultsAnHour,
            _ => ReceiptsAnHour,
        };
        if (note.Attempts == 0)
        {
            return null;
        }

        long startedAt = session.Scalar<long>(
            """
            SELECT started_at FROM attempt WHERE note_id = $1 AND service = $2 AND outcome <> 1
            ORDER BY attempt_id DESC LIMIT 1 OFFSET $3
            """,
            note.NoteId,
            (int)service,
            limit - 1);
        DateTimeOffset next = DateTimeOffset.FromUnixTimeMilliseconds(startedAt) + Hour;
        if (next <= now)
        {
            return null;
        }

        // Counted in a future that the clock has since been put back from: one whole hour of waiting is enough for any count.
        bool clockWentBack = next > now + Hour;
        return !clockWentBack ? next : note.NotBefore is null ? now + Hour : null;
    }

    /// <summary>
    /// The rejection that SEFAZ gave to these bytes most often, or how often it gave <paramref name="cStat"/>; null: never. What
    /// was lost on the way cannot be counted.
    /// </summary>
    public static Refusal? Refused(SqlSession session, long noteId, long versionId, int? cStat = null) => session.First(
        """
        SELECT count(*), c_stat, max(x_motivo) FROM attempt
        WHERE note_id = $1 AND version_id = $2 AND service IN (0, 1) AND outcome = 3 AND c_stat > 200 AND c_stat <> 656
            AND ($3 IS NULL OR c_stat = $3)
        GROUP BY c_stat ORDER BY 1 DESC LIMIT 1
        """,
        row => new Refusal(row.GetInt32(0), row.GetInt32(1), row.Text(2)),
        noteId,
        versionId,
        cStat);

    /// <summary>
    /// Whether other bytes may take the place of these. Anexo IV §5 lets the issuer regenerate a rejected note under the same
    /// number, so these must have been rejected, and none of what was sent of them may be stored at SEFAZ:
    /// <list type="bullet">
    /// <item>What never left, or was answered with a rejection, a pause, a block or a refused configuration, is not.</item>
    /// <item>What is in doubt (a lost answer, say) is not where a later consultation did not find the key and the same bytes
    /// were then sent once more and their content rejected: the first sending would have met the same verdict.</item>
    /// <item>Anything else may be.</item>
    /// </list>
    /// </summary>
    public static bool MayBeCorrected(SqlSession session, long noteId, long versionId, NoteState state)
    {
        bool refused = false;
        bool contentRejected = false;
        bool awaitsReceipt = false;
        Doubt doubt = Doubt.None;
        foreach ((SefazService service, WireOutcome outcome, Disposition? said) in session.Query(
            "SELECT service, outcome, disposition FROM attempt WHERE note_id = $1 AND version_id = $2 ORDER BY attempt_id",
            row => ((SefazService)row.GetInt32(0), (WireOutcome)row.GetInt32(1), (Disposition?)row.Int(2)),
            noteId,
            versionId))
        {
            Disposition? answer = outcome == WireOutcome.Answered ? said : null;
            if (answer is Disposition.Authorized or Disposition.Cancelled or Disposition.Denied or Disposition.OtherDocument)
            {
                return false;
            }

            bool content = answer is Disposition.Content or Disposition.ConfigurationInNote;
            switch (service)
            {
                // A question by receipt never rejects content by itself: this is the verdict on what was sent.
                case SefazService.RetAutorizacao when content && awaitsReceipt:
                case SefazService.Autorizacao when content:
                    contentRejected = true;
                    awaitsReceipt &= service == SefazService.Autorizacao;
                    doubt = doubt == Doubt.NotFound ? Doubt.None : doubt;
                    break;
                case SefazService.ConsultaProtocolo when answer == Disposition.NotFound && (awaitsReceipt || doubt == Doubt.Open):
                    awaitsReceipt = false;
                    doubt = Doubt.NotFound;
                    break;
                case SefazService.Autorizacao when answer is Disposition.Configuration or Disposition.CertificateNotChecked or Disposition.Clock:
                    refused = true;
                    break;
                case SefazService.Autorizacao when answer == Disposition.InProcess && !awaitsReceipt:
                    awaitsReceipt = true;
                    break;
                case SefazService.Autorizacao when outcome != WireOutcome.NotSent && answer is not (Disposition.ServicePaused or Disposition.Misuse):
                    doubt = Doubt.Open;
                    break;
                default:
                    break;
            }
        }

        // A note that is rejected for its configuration alone was refused so often that it is no longer sent by itself.
        return (contentRejected || (refused && state == NoteState.Rejected)) && !awaitsReceipt && doubt == Doubt.None;
    }

    private static byte[] Kept(ReadOnlyMemory<byte> body) => body.Slice(0, Math.Min(body.Length, LongestKeptReply)).ToArray();

    /// <summary>What is known of a transmission whose answer says nothing.</summary>
    private enum Doubt
    {
        None,
        Open,
        NotFound,
    }
}

/// <summary>How often SEFAZ rejected the same bytes alike.</summary>
internal sealed record Refusal(int Times, int CStat, string? XMotivo)
{
    /// <summary>What the placeholders of the reasons stand for.</summary>
    public string[] ToTexts() => new[]
    {
        Times.ToString(CultureInfo.InvariantCulture), CStat.ToString(CultureInfo.InvariantCulture), XMotivo ?? string.Empty,
    };
}

/// <summary>When SEFAZ was asked about its service, and what it said; no code: it gave no answer.</summary>
internal sealed record StatusAnswer(int? CStat, string? XMotivo, string? VerAplic, DateTimeOffset StartedAt, DateTimeOffset EndedAt);
