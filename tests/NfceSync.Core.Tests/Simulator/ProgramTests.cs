using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Threading.Tasks;
using NfceSync.SefazSimulator;
using Xunit;

namespace NfceSync.Core.Tests.SimulatorTests;

public sealed class ProgramTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sefaz").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableTheory]
    [InlineData("en_US.UTF-8", "Press Ctrl+C to end.")]
    [InlineData("pt_BR.UTF-8", "Tecle Ctrl+C para encerrar.")]
    public async Task The_program_serves_what_it_prints(string language, string last)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows takes the language from its settings, not from LC_ALL.");
        using var program = Start(language, "--folder", _folder, "--notes", "2", "--password", "segredo", "--fault", "UnknownCode:Status");
        try
        {
            var lines = new List<string>();
            while (lines.LastOrDefault() != last)
            {
                lines.Add(await program.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException(string.Join('\n', lines)));
            }

            var addresses = lines.Where(line => line.Contains("://", StringComparison.Ordinal)).Select(line => new Uri(line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..])).ToArray();
            using var control = new HttpClient { BaseAddress = addresses.Single(address => address.Scheme == "http") };
            var faults = await control.GetFromJsonAsync<JsonElement>("faults");
            Assert.Equal("UnknownCode", faults[0].GetProperty("kind").GetString());

            using var certificate = X509CertificateLoader.LoadPkcs12FromFile(Path.Combine(_folder, "12345678000195.pfx"), "segredo");
            using var authority = TestAuthority.LoadOrCreate(Path.Combine(_folder, "authority"));
            using var client = Envelopes.Client(authority, certificate);
            var note = await File.ReadAllBytesAsync(Directory.GetFiles(Path.Combine(_folder, "notes")).Single(path => path.Contains("000000002", StringComparison.Ordinal)));
            using var content = new ByteArrayContent(Envelopes.Authorization(note));
            using var response = await client.PostAsync(new Uri(addresses.Single(address => address.Scheme == "https"), "ws/NFeAutorizacao4"), content);
            Assert.Equal(100, Envelopes.CStat(await response.Content.ReadAsByteArrayAsync()));
            Assert.StartsWith("-----BEGIN CERTIFICATE-----", await File.ReadAllTextAsync(Path.Combine(_folder, "root.pem")), StringComparison.Ordinal);
        }
        finally
        {
            program.Kill();
            await program.WaitForExitAsync();
        }
    }

    [Theory]
    [InlineData("--nonsense", "1")]
    [InlineData("--port", "70000")]
    [InlineData("--fault", "Nonsense")]
    [InlineData("--fault", "UnknownCode:Status:2")]
    [InlineData("--uf", "XX")]
    [InlineData("--issuer", "12345678000199")]
    [InlineData("--notes", null)]
    public async Task A_wrong_command_line_is_explained(string option, string? value)
    {
        using var program = Start("en_US.UTF-8", value is null ? [option] : [option, value]);

        Assert.Contains($"'{option}'", await program.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
        await program.WaitForExitAsync();
        Assert.Equal(2, program.ExitCode);
    }

    private static Process Start(string language, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(TestAuthority).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = language;
        return Process.Start(start)!;
    }
}
