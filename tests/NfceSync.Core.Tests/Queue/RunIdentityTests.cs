using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;

using NfceSync.Core.Queue;

using Xunit;

namespace NfceSync.Core.Tests.Queue;

/// <summary>When a run that holds a lease is known to be dead.</summary>
public class RunIdentityTests
{
    private static readonly RunIdentity Self = new();

    [Fact]
    public void This_process_is_alive() => Assert.False(Self.IsDead(Self.Machine, Self.Process));

    [Fact]
    public void A_process_of_another_machine_cannot_be_told() => Assert.False(Self.IsDead("another", "99999999@0"));

    [Fact]
    public void A_process_that_has_ended_is_dead_whoever_wrote_it()
    {
        // Above the highest process id that Linux gives out (2^22).
        Assert.True(Self.IsDead(Self.Machine, "99999999@0"));
        Assert.True(Self.IsDead(Self.Machine, "99999999@0@" + Guid.Empty));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no process")]
    [InlineData("1")]
    [InlineData("1@then")]
    [InlineData("99999999999999@0")]
    public void What_cannot_be_read_is_alive(string process) => Assert.False(Self.IsDead(Self.Machine, process));

    [SkippableFact]
    public void The_id_of_another_start_or_another_boot_is_another_process()
    {
        Skip.IfNot(RuntimeInformation.IsOSPlatform(OSPlatform.Linux), "The kernel's ticks and boot id.");
        string[] parts = Self.Process.Split('@');
        Assert.Equal(3, parts.Length);

        string otherStart = (long.Parse(parts[1], CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture);
        Assert.True(Self.IsDead(Self.Machine, string.Join("@", parts[0], otherStart, parts[2])));
        Assert.True(Self.IsDead(Self.Machine, string.Join("@", parts[0], parts[1], Guid.Empty)));
    }

    [SkippableFact]
    public void A_start_time_of_the_wall_clock_says_nothing_where_that_clock_may_be_put_right()
    {
        Skip.IfNot(RuntimeInformation.IsOSPlatform(OSPlatform.Linux), "Elsewhere the system keeps the start as it was.");
        using Process self = Process.GetCurrentProcess();

        Assert.False(Self.IsDead(Self.Machine, $"{self.Id}@{self.StartTime.ToUniversalTime().AddHours(-1).Ticks}"));
    }

    [SkippableFact]
    public void The_start_is_read_behind_the_programs_name_whatever_that_holds()
    {
        Skip.IfNot(RuntimeInformation.IsOSPlatform(OSPlatform.Linux), "/proc.");
        string before = Self.Process;
        string name = File.ReadAllText("/proc/self/comm");
        File.WriteAllText("/proc/self/comm", "a) S 1 (b");
        try
        {
            Assert.Contains("(a) S 1 (b)", File.ReadAllText("/proc/self/stat"), StringComparison.Ordinal);
            Assert.Equal(before, Self.Process);
            Assert.False(Self.IsDead(Self.Machine, before));
        }
        finally
        {
            File.WriteAllText("/proc/self/comm", name);
        }
    }
}
