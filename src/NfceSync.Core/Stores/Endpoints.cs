using System;
using System.Collections.Generic;
using System.Linq;

namespace NfceSync.Core.Stores;

/// <summary>
/// Which authoriser serves a UF and where its services of model 65 are. The built-in table is <c>EndpointTable</c>; a
/// user's file in the same format replaces single rows of it.
/// </summary>
public sealed class Endpoints
{
    /// <summary>The name of the user's file in the queue's home folder.</summary>
    public const string FileName = "endpoints.txt";

    private const string UfRow = "uf";

    private readonly Dictionary<string, string> _authorisers = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<(string Authoriser, SefazEnvironment Environment, SefazService Service), Uri> _addresses = new();

    private Endpoints()
    {
    }

    /// <summary>The built-in table.</summary>
    public static Endpoints BuiltIn { get; } = Load(overrideFilePath: null);

    /// <summary>The built-in table with the rows of the user's file put over it.</summary>
    /// <param name="overrideFilePath">The user's file; null or a file that does not exist: the built-in table alone.</param>
    /// <returns>The table.</returns>
    /// <exception cref="NfceSyncException">
    /// <see cref="ErrorIds.NfceOverrideFileUnreadable"/>; <see cref="ErrorIds.NfceOverrideFileInvalid"/> with the line.
    /// </exception>
    public static Endpoints Load(string? overrideFilePath)
    {
        var endpoints = new Endpoints();
        endpoints.Put(OverrideFile.Parse(EndpointTable.Text, nameof(EndpointTable)));
        endpoints.Put(OverrideFile.Read(overrideFilePath));
        return endpoints;
    }

    /// <summary>The authoriser's name (<c>SVRS</c>, <c>SP</c> …): what limits and circuit breakers are keyed by.</summary>
    /// <param name="uf">The UF's two letters.</param>
    /// <returns>The name, in upper case.</returns>
    /// <exception cref="NfceSyncException"><see cref="ErrorIds.NfceUfUnknown"/>.</exception>
    public string AuthoriserOf(string uf) => _authorisers[Uf.Get(uf).Code];

    /// <summary>The address of a service.</summary>
    /// <param name="uf">The UF's two letters.</param>
    /// <param name="environment">Produção or Homologação.</param>
    /// <param name="service">The service.</param>
    /// <param name="baseAddress">Replaces scheme, host and port and keeps the authoriser's path; null for the official address.</param>
    /// <returns>The absolute https address.</returns>
    /// <exception cref="NfceSyncException">
    /// <see cref="ErrorIds.NfceUfUnknown"/>; <see cref="ErrorIds.NfceEndpointMissing"/> where a user's file names an authoriser
    /// without this service.
    /// </exception>
    public Uri For(string uf, SefazEnvironment environment, SefazService service, Uri? baseAddress = null)
    {
        string authoriser = AuthoriserOf(uf);
        if (!_addresses.TryGetValue((authoriser, environment, service), out Uri? address))
        {
            throw new NfceSyncException(
                ErrorIds.NfceEndpointMissing, NfceErrorCategory.ObjectNotFound, uf, uf, authoriser, environment, service, FileName);
        }

        return baseAddress is null ? address : new Uri(baseAddress, address.PathAndQuery);
    }

    private void Put(IReadOnlyList<OverrideRow> rows)
    {
        foreach (OverrideRow row in rows)
        {
            switch (row.Columns)
            {
                case [UfRow, var uf, var authoriser] when Uf.Find(uf) is { } known:
                    _authorisers[known.Code] = authoriser.ToUpperInvariant();
                    break;
                case [var authoriser, var environment, var service, var address]
                    when Named(environment, out SefazEnvironment e) && Named(service, out SefazService s)
                        && Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttps:
                    _addresses[(authoriser.ToUpperInvariant(), e, s)] = uri;
                    break;
                default:
                    throw row.Invalid();
            }
        }

        // A misspelt authoriser would be a row that nobody reads: the user would believe the address replaced.
        var serving = new HashSet<string>(_authorisers.Values, StringComparer.OrdinalIgnoreCase);
        if (rows.FirstOrDefault(row => row.Columns.Length == 4 && !serving.Contains(row.Columns[0])) is { } unread)
        {
            throw unread.Invalid();
        }
    }

    // Enum.TryParse would take numbers, and combinations, for names.
    private static bool Named<T>(string text, out T value)
        where T : struct, Enum =>
        Enum.TryParse(text, ignoreCase: true, out value) && value.ToString().Equals(text, StringComparison.OrdinalIgnoreCase);
}
